import pytest
import torch
from check_programs import digits_like, loader_of, small_network
from torch import Tensor, nn

from assay.checks.input_scale import are_raw_pixels, describe


@pytest.mark.parametrize(("factor", "shift"), [(1.0, 0.0), (255.0, 0.0), (1e-4, 0.0), (1.0, 500.0)])
def test_magnitudes_alone_never_alert(verdict, factor, shift):
    inputs, labels = digits_like()
    assert verdict("input_scale", train_loader=loader_of(inputs * factor + shift, labels)) == "note"


def test_identical_inputs_are_proved(verdict):
    inputs, labels = digits_like()
    assert verdict("input_scale", train_loader=loader_of(inputs[:1].expand(240, -1, -1, -1), labels)) == "proved"


def test_numbers_by_hand():
    numbers = describe(torch.tensor([[0.0, 1.0], [4.0, 1.0]]))
    assert (numbers["low"], numbers["high"], numbers["mean"]) == (0.0, 4.0, 1.5)
    assert numbers["deviation"] == pytest.approx(1.5)  # mean of 2.25, .25, 6.25, .25 is 2.25
    assert numbers["constant_features"] == 1


def test_large_inputs_come_with_advice(run):
    inputs, labels = digits_like()
    (finding,) = run("input_scale", train_loader=loader_of(inputs * 255, labels))
    assert "divide by the training deviation" in finding.fix


def pixels() -> Tensor:
    """The patterns as whole numbers from 0 to 255."""
    inputs, _ = digits_like()
    return ((inputs - inputs.min()) / (inputs.max() - inputs.min()) * 255).round()


class Scaling(nn.Module):
    """A network that takes bytes and divides them itself."""

    def __init__(self, by: float) -> None:
        super().__init__()
        self.by, self.network = by, small_network()

    def forward(self, inputs: Tensor) -> Tensor:
        return self.network(inputs.float() / self.by)


def convolution(norm: type[nn.Module]) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(1, 6, 3), norm(6), nn.ReLU(), nn.Flatten(), nn.Linear(216, 4))


@pytest.mark.parametrize("flat", [False, True])
def test_raw_pixels_are_suspect(run, flat):
    inputs = pixels().flatten(1) if flat else pixels()
    (finding,) = run("input_scale", train_loader=loader_of(inputs, digits_like()[1]))
    assert finding.level == "suspect"
    assert finding.evidence["layer"] == "1"
    assert "Divide by 255" in finding.fix


def test_bytes_that_the_network_only_casts_are_suspect(verdict):
    loader = loader_of(pixels().to(torch.uint8), digits_like()[1])
    assert verdict("input_scale", model=Scaling(1.0), train_loader=loader) == "suspect"
    assert verdict("input_scale", model=Scaling(255.0), train_loader=loader) == "note"


def test_raw_pixels_before_a_convolution_without_norm_are_suspect(verdict):
    loader = loader_of(pixels(), digits_like()[1])
    assert verdict("input_scale", model=convolution(nn.Identity), train_loader=loader) == "suspect"


@pytest.mark.parametrize(
    "model",
    [
        convolution(nn.BatchNorm2d),
        nn.Sequential(nn.BatchNorm2d(1), nn.Flatten(), nn.Linear(64, 4)),
        nn.Sequential(nn.LayerNorm((1, 8, 8)), nn.Flatten(), nn.Linear(64, 4)),
    ],
    ids=["after the first layer", "batch norm first", "layer norm first"],
)
def test_raw_pixels_before_a_norm_pass(verdict, model):
    assert verdict("input_scale", model=model, train_loader=loader_of(pixels(), digits_like()[1])) == "note"


@pytest.mark.parametrize("change", [lambda x: x / 255, lambda x: (x - x.mean()) / x.std(), lambda x: x - 127.0])
def test_scaled_pixels_pass(verdict, change):
    assert verdict("input_scale", train_loader=loader_of(change(pixels()), digits_like()[1])) == "note"


def test_words_counts_and_few_columns_are_no_pixels(verdict):
    generator, labels = torch.Generator().manual_seed(0), torch.arange(80) % 4
    tokens = torch.randint(256, (80, 20), generator=generator)
    words = nn.Sequential(nn.Embedding(256, 8), nn.Flatten(), nn.Linear(160, 4))
    assert verdict("input_scale", model=words, train_loader=loader_of(tokens, labels)) == "note"
    one_hot = nn.functional.one_hot(tokens, 256).float()
    flat = nn.Sequential(nn.Flatten(), nn.Linear(20 * 256, 4))
    assert verdict("input_scale", model=flat, train_loader=loader_of(one_hot, labels)) == "note"
    columns = nn.Linear(5, 4)
    assert verdict("input_scale", model=columns, train_loader=loader_of(tokens[:, :5].float(), labels)) == "note"


def test_what_raw_pixels_are():
    ramp = torch.arange(256.0).repeat(2, 1)
    assert are_raw_pixels(ramp)
    assert not are_raw_pixels(ramp + 0.5)
    assert not are_raw_pixels(ramp + 100)
    assert not are_raw_pixels(ramp / 255)
    assert are_raw_pixels(ramp.reshape(2, 16, 16) * 0.9)  # resized pictures hold no whole numbers


UNITS = torch.tensor([1e-3, 1.0, 2.0, 1500.0])


def table(seed=0):
    """Four columns of which two tell the target; the largest tells nothing."""
    generator = torch.Generator().manual_seed(seed)
    columns = torch.randn(320, 4, generator=generator)
    return columns, (columns[:, :1] + columns[:, 1:2]).tanh()


def perceptron(*first):
    return nn.Sequential(*first, nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 1))


@pytest.mark.parametrize(
    "loss_fn", [nn.MSELoss(), pytest.param(nn.L1Loss(), marks=pytest.mark.slow)], ids=["squared", "absolute"]
)
def test_columns_in_units_far_apart_that_hold_learning_back_are_suspect(run, loss_fn):
    columns, targets = table()
    model = perceptron()
    given = {"model": model, "loss_fn": loss_fn, "optimizer": torch.optim.Adam(model.parameters(), lr=3e-3)}
    (finding,) = run("input_scale", train_loader=loader_of(columns * UNITS, targets), **given)
    assert finding.level == "suspect"
    assert "Columns in their own units hold learning back" in finding.summary
    assert min(finding.evidence["left_raw"]) > 2 * max(finding.evidence["left_standardised"])


def test_columns_that_make_the_training_diverge_leave_no_finite_loss(run):
    columns, targets = table()
    model = perceptron()
    given = {"model": model, "loss_fn": nn.MSELoss(), "optimizer": torch.optim.SGD(model.parameters(), lr=0.1)}
    (finding,) = run("input_scale", train_loader=loader_of(columns * UNITS, targets), **given)
    assert finding.level == "suspect"
    assert "the loss is not finite after" in finding.summary
    assert "inf" not in finding.summary.replace("not finite", "")


def test_columns_hold_learning_back_where_noise_is_left_either_way(run):
    columns, _ = table()
    targets = columns[:, :1] + torch.randn(320, 1, generator=torch.Generator().manual_seed(5))
    model = perceptron()
    given = {"model": model, "loss_fn": nn.MSELoss(), "optimizer": torch.optim.Adam(model.parameters(), lr=1e-2)}
    (finding,) = run("input_scale", train_loader=loader_of(columns * UNITS, targets), **given)
    assert finding.level == "suspect"
    assert "of what can be told of unseen examples is told after" in finding.summary
    assert min(finding.evidence["left_raw"]) < 2 * max(finding.evidence["left_standardised"])


@pytest.mark.parametrize(
    ("units", "first"),
    [
        (torch.ones(4), ()),
        (torch.tensor([0.5, 1.0, 2.0, 5.0]), ()),
        (UNITS, (nn.BatchNorm1d(4),)),
        pytest.param(torch.tensor([1.0, 1.0, 1.0, 0.01]), (), marks=pytest.mark.slow),
        (torch.tensor([1.0, 1.0, 1.0, 0.0]), ()),
    ],
    ids=["standardised", "of like size", "before a batch norm", "a small column", "a constant column"],
)
def test_columns_that_learn_as_they_are_are_notes(run, units, first):
    columns, targets = table()
    model = perceptron(*first)
    given = {"model": model, "loss_fn": nn.MSELoss(), "optimizer": torch.optim.Adam(model.parameters(), lr=3e-3)}
    assert run("input_scale", train_loader=loader_of(columns * units, targets), **given)[0].level == "note"


@pytest.mark.slow
def test_columns_that_tell_nothing_are_a_note(run):
    columns, targets = table()
    model = perceptron()
    given = {"model": model, "loss_fn": nn.MSELoss(), "optimizer": torch.optim.Adam(model.parameters(), lr=3e-3)}
    loader = loader_of(columns * UNITS, targets[torch.randperm(320, generator=torch.Generator().manual_seed(1))])
    assert run("input_scale", train_loader=loader, **given)[0].level == "note"
