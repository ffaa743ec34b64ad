import pytest
import torch
import torch.nn.functional as F
from check_programs import digits_like, loader_of, small_network
from torch import Tensor, nn


def constant(model: nn.Module, value: float = 0.1) -> nn.Module:
    for parameter in model.parameters():
        nn.init.constant_(parameter, value)
    return model


def three_layers() -> nn.Sequential:
    return nn.Sequential(
        nn.Flatten(), nn.Linear(64, 16), nn.ReLU(), nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 4)
    )  # fmt: skip


def convolutions() -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(1, 6, 3), nn.BatchNorm2d(6), nn.ReLU(), nn.Conv2d(6, 6, 3), nn.ReLU(), nn.Flatten(), nn.Linear(96, 4)
    )  # fmt: skip


class Residual(nn.Module):
    """A branch that starts at 0, and a head that does too."""

    def __init__(self, *, gain: bool) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(64, 16), nn.Linear(16, 16)
        self.end, self.head = nn.Linear(16, 16), nn.Linear(16, 4)
        self.gain = nn.Parameter(torch.zeros(1)) if gain else 1.0
        if not gain:
            nn.init.zeros_(self.end.weight)
        nn.init.zeros_(self.head.weight)

    def forward(self, inputs: Tensor) -> Tensor:
        hidden = F.relu(self.first(inputs.flatten(1)))
        return self.head(hidden + self.gain * self.end(F.relu(self.second(hidden))))


class Product(nn.Module):
    """A layer of one's own: inputs @ weights, units along the last axis."""

    def __init__(self, value: float | None) -> None:
        super().__init__()
        self.weights = nn.Parameter(torch.randn(64, 16) / 8 if value is None else torch.full((64, 16), value))
        self.head = nn.Linear(16, 4)
        if value is not None:
            constant(self.head)

    def forward(self, inputs: Tensor) -> Tensor:
        return self.head(torch.tanh(inputs.flatten(1) @ self.weights))


class Tokens(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(9, 8, padding_idx=0)
        self.recurrent, self.head = nn.LSTM(8, 12, batch_first=True), nn.Linear(12, 4)

    def forward(self, tokens: Tensor) -> Tensor:
        return self.head(self.recurrent(self.embedding(tokens))[0][:, -1])


def tokens():
    draw = torch.Generator().manual_seed(0)
    return loader_of(torch.randint(9, (120, 6), generator=draw), torch.arange(120) % 4)


@pytest.mark.parametrize(
    "model",
    [
        small_network,
        three_layers,
        convolutions,
        lambda: Residual(gain=False),
        lambda: Residual(gain=True),
        lambda: Product(None),
    ],
)
def test_random_weights_and_branches_that_start_at_zero_pass(verdict, model):
    torch.manual_seed(1)
    assert verdict("symmetric_initialization", model=model()) == "note"


def test_equal_rows_of_an_embedding_and_zero_biases_pass(verdict):
    model = Tokens()
    nn.init.zeros_(model.embedding.weight[:5])
    for name, parameter in model.named_parameters():
        if "bias" in name:
            nn.init.zeros_(parameter)
    assert verdict("symmetric_initialization", model=model, train_loader=tokens()) == "note"


def test_a_last_layer_at_zero_of_which_most_classes_are_not_seen_passes(verdict):
    model = small_network(40)
    nn.init.zeros_(model[-1].weight)
    assert verdict("symmetric_initialization", model=model) == "note"


def test_an_adapter_that_starts_at_zero_passes_and_is_told(run):
    class Adapter(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.down, self.up = nn.Linear(16, 4, bias=False), nn.Linear(4, 16, bias=False)
            nn.init.zeros_(self.up.weight)

        def forward(self, inputs: Tensor) -> Tensor:
            return inputs + self.up(self.down(inputs))

    model = three_layers().insert(3, Adapter())
    (finding,) = run("symmetric_initialization", model=model)
    assert finding.level == "note"
    assert finding.evidence["start_equal"] == ["3.up.weight"]
    assert "gradients tell them apart" in finding.summary


def test_equal_weights_before_unlike_ones_pass(verdict):
    model = three_layers()
    nn.init.constant_(model[1].weight, 0.05)
    assert verdict("symmetric_initialization", model=model) == "note"


@pytest.mark.parametrize("value", [0.1, 0.0])
@pytest.mark.parametrize("model", [three_layers, convolutions])
def test_constant_weights_are_proved(run, model, value):
    (finding,) = run("symmetric_initialization", model=constant(model(), value))
    assert finding.level == "proved"
    assert "they stay copies of each other" in finding.summary


def test_constant_weights_under_dropout_are_proved(verdict):
    model = constant(three_layers()).insert(3, nn.Dropout(0.5))
    assert verdict("symmetric_initialization", model=model) == "proved"


def test_constant_weights_of_ones_own_layer_are_proved(run):
    (finding,) = run("symmetric_initialization", model=Product(0.01))
    assert finding.level == "proved"
    assert finding.evidence["weights"]["units"] == 16


def test_constant_recurrent_weights_are_equal_within_each_gate(run):
    model = Tokens()
    constant(model.recurrent)
    constant(model.head)
    (finding,) = run("symmetric_initialization", model=model, train_loader=tokens())
    assert finding.level == "proved"
    groups = finding.evidence["recurrent.weight_ih_l0"]["equal"]
    assert [group[0] for group in groups] == [0, 12, 24, 36]
    assert all(len(group) == 12 for group in groups)


def test_one_layer_has_no_hidden_units(run):
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 4))
    nn.init.zeros_(model[1].weight)
    assert "no hidden layer" in run("symmetric_initialization", model=model).reason


def test_no_gradient_at_all_is_another_fault(run):
    model = constant(three_layers())
    result = run("symmetric_initialization", model=model, loss_fn=lambda outputs, targets: 0.0 * outputs.sum())
    assert "all gradients are 0" in result.reason


def test_hidden_layers_before_a_single_output_are_looked_at(run):
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 8), nn.ReLU(), nn.Linear(8, 1), nn.Flatten(0))
    for layer in (model[1], model[3]):
        nn.init.constant_(layer.weight, 0.05)
        nn.init.zeros_(layer.bias)
    inputs, labels = digits_like(160, classes=2)
    (finding,) = run(
        "symmetric_initialization",
        model=model,
        train_loader=loader_of(inputs, labels.float()),
        loss_fn=nn.BCEWithLogitsLoss(),
    )
    assert finding.level == "proved"
