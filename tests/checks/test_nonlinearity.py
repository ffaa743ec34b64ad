import pytest
import torch
import torch.nn.functional as F
from check_programs import digits_like, loader_of
from torch import nn


def linear_stack(*more: nn.Module) -> nn.Sequential:
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 24), nn.Linear(24, 4), *more)


def test_a_network_with_activations_passes(run):
    (finding,) = run("nonlinearity")
    assert finding.level == "note"
    assert finding.evidence["deviation"] > 0.01


FAULTY = {
    "two layers": linear_stack,
    "with batch norm and dropout": lambda: nn.Sequential(
        nn.Flatten(), nn.Linear(64, 24), nn.BatchNorm1d(24), nn.Dropout(0.2), nn.Linear(24, 4)
    ),
    "convolutions": lambda: nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.AvgPool2d(2), nn.Conv2d(4, 4, 3), nn.Flatten(), nn.Linear(4, 4)
    ),
    "softmax at the end": lambda: linear_stack(nn.Softmax(1)),
    "log-softmax at the end": lambda: linear_stack(nn.LogSoftmax(1)),
}


@pytest.mark.parametrize("make", FAULTY.values(), ids=FAULTY)
def test_stacked_layers_without_activation_are_proved(run, make):
    (finding,) = run("nonlinearity", model=make())
    assert finding.level == "proved"
    assert len(finding.evidence["stacked"]) == 2
    assert finding.evidence["deviation"] < 1e-7


HEALTHY = {
    "one layer": lambda: nn.Sequential(nn.Flatten(), nn.Linear(64, 4)),
    "one layer and a norm": lambda: nn.Sequential(nn.Flatten(), nn.BatchNorm1d(64), nn.Linear(64, 4)),
    "max pooling": lambda: nn.Sequential(nn.Conv2d(1, 4, 3), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(36, 4)),
    "layer norm": lambda: nn.Sequential(nn.Flatten(), nn.Linear(64, 24), nn.LayerNorm(24), nn.Linear(24, 4)),
    "leaky": lambda: nn.Sequential(nn.Flatten(), nn.Linear(64, 24), nn.LeakyReLU(0.9), nn.Linear(24, 4)),
}


@pytest.mark.parametrize("make", HEALTHY.values(), ids=HEALTHY)
def test_healthy_networks_pass(verdict, make):
    assert verdict("nonlinearity", model=make()) == "note"


class TwoLooks(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.wide, self.narrow = nn.Linear(64, 4), nn.Linear(32, 4)

    def forward(self, inputs):
        return self.wide(inputs.flatten(1)) + self.narrow(inputs.flatten(1)[:, :32])


def test_layers_side_by_side_pass(run):
    (finding,) = run("nonlinearity", model=TwoLooks())
    assert finding.level == "note"
    assert "affine" in finding.summary


def test_a_linear_autoencoder_with_a_narrow_middle_passes(verdict):
    inputs, _ = digits_like()
    inputs = inputs.flatten(1)
    given = {"train_loader": loader_of(inputs, inputs), "loss_fn": nn.MSELoss()}
    assert verdict("nonlinearity", model=nn.Sequential(nn.Linear(64, 8), nn.Linear(8, 64)), **given) == "note"
    assert verdict("nonlinearity", model=nn.Sequential(nn.Linear(64, 80), nn.Linear(80, 64)), **given) == "proved"


class Residual(nn.Module):
    """A branch that starts at zero, as in ReZero: affine only until the first step."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.inner, self.head = nn.Linear(64, 24), nn.Linear(24, 24), nn.Linear(24, 4)
        self.gate = nn.Parameter(torch.zeros(()))

    def forward(self, inputs):
        hidden = self.first(inputs.flatten(1))
        return self.head(hidden + self.gate * F.relu(self.inner(hidden)))


def test_a_branch_that_starts_at_zero_passes(verdict):
    assert verdict("nonlinearity", model=Residual()) == "note"


class Words(nn.Module):
    def __init__(self, *layers: nn.Module) -> None:
        super().__init__()
        self.embedding, self.layers = nn.Embedding(9, 8), nn.Sequential(*layers)

    def forward(self, words):
        return self.layers(self.embedding(words).mean(1))


@pytest.mark.parametrize(
    ("layers", "level"),
    [
        ((nn.Linear(8, 4),), "note"),
        ((nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 4)), "note"),
        ((nn.Linear(8, 16), nn.Linear(16, 4)), "proved"),
    ],
    ids=["bag of words", "with relu", "without"],
)
def test_words_are_followed_from_their_embeddings(verdict, layers, level):
    words = torch.randint(9, (80, 6), generator=torch.Generator().manual_seed(0))
    assert verdict("nonlinearity", model=Words(*layers), train_loader=loader_of(words, torch.arange(80) % 4)) == level


def test_outputs_without_inputs_are_skipped(run):
    class Constant(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(64, 4)

        def forward(self, inputs):
            return self.layer(0.0 * inputs.flatten(1))

    assert "do not depend on the inputs" in run("nonlinearity", model=Constant()).reason
    assert "no linear or conv" in run("nonlinearity", model=nn.Sequential(nn.Flatten(), nn.BatchNorm1d(64))).reason


def test_a_network_that_works_in_single_precision_only_is_skipped_with_the_reason(run):
    class Single(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = nn.Sequential(nn.Flatten(), nn.Linear(64, 8), nn.Linear(8, 4))

        def forward(self, inputs):
            return self.layers(inputs.float())

    assert "cannot work in double precision" in run("nonlinearity", model=Single()).reason
