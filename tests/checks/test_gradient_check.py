import pytest
import torch
import torch.nn.functional as F
from check_programs import digits_like, loader_of, small_network
from torch import nn

from assay.checks.experiments import reparameterised_draws


class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, inputs):
        ctx.save_for_backward(inputs)
        return inputs**3

    @staticmethod
    def backward(ctx, gradient):
        return 3 * ctx.saved_tensors[0] ** 2 * gradient


class WrongCube(Cube):
    @staticmethod
    def backward(ctx, gradient):
        return 3 * ctx.saved_tensors[0] * gradient


class Reversal(torch.autograd.Function):
    @staticmethod
    def forward(ctx, inputs):
        return inputs.clone()

    @staticmethod
    def backward(ctx, gradient):
        return -0.5 * gradient


class Rounded(torch.autograd.Function):
    """A straight-through estimator."""

    @staticmethod
    def forward(ctx, inputs):
        return inputs.round()

    @staticmethod
    def backward(ctx, gradient):
        return gradient.clamp(-1, 1)


class Around(nn.Module):
    def __init__(self, operation, last=None) -> None:
        super().__init__()
        self.first, self.last, self.operation = nn.Linear(64, 24), last or nn.Linear(24, 4), operation

    def forward(self, inputs):
        return self.last(self.operation(torch.tanh(self.first(inputs.flatten(1)))))


def test_a_plain_network_agrees(run):
    (finding,) = run("gradient_check")
    assert finding.level == "note"
    assert "4 parameters agree" in finding.summary
    for claimed, measured in finding.evidence["slopes"].values():
        assert claimed == pytest.approx(measured, rel=1e-3)


@pytest.mark.parametrize(
    "make",
    [
        lambda: nn.Sequential(nn.Conv2d(1, 6, 3), nn.BatchNorm2d(6), nn.ReLU(), nn.Flatten(), nn.Linear(216, 4)),
        lambda: small_network().insert(2, nn.Dropout(0.5)),
        lambda: Around(Cube.apply),
        lambda: Around(lambda hidden: hidden.abs()),
        lambda: Around(nn.utils.parametrizations.spectral_norm(nn.Linear(24, 24))),
        lambda: Around(nn.utils.parametrizations.weight_norm(nn.Linear(24, 24))),
    ],
    ids=["batch norm", "dropout", "right custom function", "kink", "spectral norm", "weight norm"],
)
def test_right_gradients_agree(run, make):
    (finding,) = run("gradient_check", model=make())
    assert finding.level == "note"
    assert finding.evidence["wrong"] == []


@pytest.mark.parametrize("seed", range(3))
def test_a_wrong_backward_is_proved(run, seed):
    torch.manual_seed(seed)
    (finding,) = run("gradient_check", model=Around(WrongCube.apply))
    assert finding.level == "proved"
    assert finding.evidence["wrong"] == ["first.weight", "first.bias"]
    assert "WrongCube" in finding.cause


def test_a_detached_path_is_proved(run):
    (finding,) = run("gradient_check", model=Around(torch.Tensor.detach))
    assert finding.level == "proved"
    assert finding.evidence["wrong"] == ["first.weight", "first.bias"]
    assert "gives it no gradient" in finding.summary


def test_a_detached_path_that_is_frozen_or_not_held_passes(verdict):
    model = Around(torch.Tensor.detach)
    model.first.requires_grad_(False)
    assert verdict("gradient_check", model=model) == "note"
    model = Around(torch.Tensor.detach)
    optimizer = torch.optim.SGD(model.last.parameters(), lr=0.1)
    assert verdict("gradient_check", model=model, optimizer=optimizer) == "note"


@pytest.mark.parametrize(
    "operation",
    [
        lambda h: h + Reversal.apply(0.5 * h),
        Rounded.apply,
        lambda h: h + (h.round() - h).detach(),
        lambda h: h * h.detach(),
    ],
    ids=["reversal of a part", "straight through", "straight through by detach", "stopped part"],
)
def test_gradients_edited_on_purpose_are_notes(run, operation):
    (finding,) = run("gradient_check", model=Around(operation))
    assert finding.level == "note"
    assert finding.evidence["wrong"]
    assert "not the slope of the loss" in finding.summary


def test_noise_in_evaluation_is_made_the_same(verdict):
    assert verdict("gradient_check", model=Around(lambda hidden: hidden + torch.rand_like(hidden))) == "note"


def test_single_precision_inside_is_skipped(run):
    reason = run("gradient_check", loss_fn=lambda outputs, targets: F.cross_entropy(outputs.float(), targets)).reason
    assert "double precision" in reason


def test_regression_and_words(verdict):
    inputs, labels = digits_like()
    given = {"model": small_network(1), "train_loader": loader_of(inputs, labels.float()[:, None])}
    assert verdict("gradient_check", loss_fn=nn.MSELoss(), **given) == "note"
    words = torch.randint(9, (80, 6), generator=torch.Generator().manual_seed(0))
    model = nn.Sequential(nn.EmbeddingBag(9, 8, sparse=False), nn.Linear(8, 4))
    assert verdict("gradient_check", model=model, train_loader=loader_of(words, torch.arange(80) % 4)) == "note"


def test_weights_of_the_loss_are_made_double_too(run):
    (finding,) = run("gradient_check", loss_fn=nn.CrossEntropyLoss(weight=torch.tensor([1.0, 2, 3, 4])))
    assert finding.level == "note"

    def refuses(outputs, targets):
        return F.cross_entropy(outputs, targets, weight=torch.tensor([1.0, 2, 3, 4]))

    assert "cannot work in double precision" in run("gradient_check", loss_fn=refuses).reason


def test_weights_that_climb_the_only_loss_are_suspect(run):
    (finding,) = run("gradient_check", model=Around(Reversal.apply))
    assert finding.level == "suspect"
    assert finding.evidence["wrong"] == ["first.weight", "first.bias"]
    assert min(finding.evidence["turned"]) - max(finding.evidence["own"]) > 0
    assert "wrong sign: Reversal" in finding.cause


def test_a_reversal_beside_another_loss_is_a_note(verdict):
    def step(model, batch, optimizer):
        optimizer.zero_grad()
        hidden = torch.tanh(model.first(batch[0].flatten(1)))
        loss = F.cross_entropy(model(batch[0]), batch[1]) + hidden.square().mean()
        loss.backward()
        optimizer.step()
        return loss

    assert verdict("gradient_check", model=Around(Reversal.apply), training_step=step) == "note"


class Variational(nn.Module):
    """The drawing, mean and log-variance of the code; `draw` makes the code in training."""

    def __init__(self, draw):
        super().__init__()
        self.mean, self.log_variance, self.decode = nn.Linear(6, 2), nn.Linear(6, 2), nn.Linear(2, 6)
        self.draw = draw

    def forward(self, inputs):
        mean, log_variance = self.mean(inputs), self.log_variance(inputs)
        code = self.draw(mean, (0.5 * log_variance).exp()) if self.training else mean
        return self.decode(code), mean, log_variance


def with_divergence(outputs, targets):
    drawing, mean, log_variance = outputs
    divergence = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).sum(1)
    return ((drawing - targets).square().sum(1) + 0.05 * divergence).mean()


def drawn_plainly(mean, deviation):
    return torch.normal(mean.detach(), deviation.detach())


def sampled(mean, deviation):
    return torch.distributions.Normal(mean, deviation).sample()


def reparameterised(mean, deviation):
    return mean + deviation * torch.randn_like(mean)


def flat_data():
    """Points on a plane in six dimensions."""
    generator = torch.Generator().manual_seed(11)
    points = 2.0 * torch.randn(200, 2, generator=generator) @ torch.randn(2, 6, generator=generator)
    return loader_of(points, points)


@pytest.mark.parametrize("draw", [drawn_plainly, pytest.param(sampled, marks=pytest.mark.slow)])
def test_a_code_whose_drawing_cuts_gradients_off_is_suspect(run, monkeypatch, draw):
    monkeypatch.setattr(reparameterised_draws, "LONGER", 1)
    model = Variational(draw)
    given = {"model": model, "loss_fn": with_divergence, "train_loader": flat_data()}
    (finding,) = run("gradient_check", optimizer=torch.optim.Adam(model.parameters(), 0.03), **given)
    assert finding.level == "suspect"
    assert "In training mode" in finding.summary
    assert set(finding.evidence["slopes"]) <= {f"{part}.{name}" for part in PARTS for name in ("weight", "bias")}
    assert max(finding.evidence["repaired"]) < 0.8 * min(finding.evidence["own"])


PARTS = ("mean", "log_variance")


@pytest.mark.parametrize(
    "draw", [reparameterised, lambda mean, deviation: mean + 0.1 * torch.normal(0.0 * mean.detach(), 1.0)]
)
def test_reparameterised_codes_and_noise_from_nothing_pass(run, draw):
    model = Variational(draw)
    given = {"model": model, "loss_fn": with_divergence, "train_loader": flat_data()}
    (finding,) = run("gradient_check", optimizer=torch.optim.Adam(model.parameters(), 0.01), **given)
    assert finding.level == "note"


def test_a_gain_counts_where_every_run_ends_lower_on_both_sides_by_more_than_seeds_change():
    def gain(**changes):
        ends = {"own": (5.0, 5.1), "repaired": (3.0, 3.1), "own_held": (5.0, 5.1), "repaired_held": (3.0, 3.1)}
        return reparameterised_draws.Gain(updates=9, **{**ends, **changes}).is_decisive

    assert gain()
    assert not gain(repaired_held=(4.9, 5.0))
    assert not gain(repaired=(3.0, 4.5))
