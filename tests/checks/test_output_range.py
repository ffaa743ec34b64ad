import pytest
import torch
import torch.nn.functional as F
from check_programs import digits_like, loader_of, small_network
from torch import nn


def regression(model, targets=None, loss_fn=None):
    inputs, labels = digits_like()
    targets = (labels.float()[:, None] - 1.5) if targets is None else targets
    return {"model": model, "train_loader": loader_of(inputs, targets), "loss_fn": loss_fn or nn.MSELoss()}


def test_free_outputs_pass(run):
    (finding,) = run("output_range", **regression(small_network(1)))
    assert finding.level == "note"
    assert "no bounds" in finding.summary


class Clamped(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.network = small_network(1)

    def forward(self, inputs):
        return self.network(inputs).clamp(-1, 1)


@pytest.mark.parametrize("last", [nn.ReLU(), nn.Sigmoid(), nn.Tanh(), nn.Softplus()])
@pytest.mark.parametrize("loss_fn", [nn.MSELoss(), nn.L1Loss(), nn.SmoothL1Loss()])
def test_an_activation_that_cannot_reach_the_targets_is_proved(run, last, loss_fn):
    (finding,) = run("output_range", **regression(small_network(1).append(last), loss_fn=loss_fn))
    assert finding.level == "proved"
    assert finding.evidence["last_operation"].lower().startswith(type(last).__name__.lower())
    assert finding.evidence["lowest_loss"] > 0


def test_a_clamp_is_proved(run):
    (finding,) = run("output_range", **regression(Clamped()))
    assert finding.level == "proved"
    assert (finding.evidence["low"], finding.evidence["high"]) == (-1.0, 1.0)
    assert "50% of 240 targets lie outside" in finding.summary
    assert finding.evidence["lowest_loss"] == pytest.approx(0.125)


def test_an_unknown_distance_is_judged_by_itself(verdict):
    def log_cosh(outputs, targets):
        return (outputs - targets).cosh().log().mean()

    assert verdict("output_range", **regression(small_network(1), loss_fn=log_cosh)) == "note"
    assert verdict("output_range", **regression(small_network(1).append(nn.ReLU()), loss_fn=log_cosh)) == "proved"


def test_bounds_that_hold_the_targets_pass(verdict):
    _, labels = digits_like()
    shares = labels.float()[:, None] / 3
    for last, targets in ((nn.Sigmoid(), shares), (nn.Tanh(), 2 * shares - 1), (nn.ReLU(), 10 * shares)):
        assert verdict("output_range", **regression(small_network(1).append(last), targets)) == "note"


def test_pictures_out_of_a_sigmoid_pass(verdict):
    pictures = digits_like()[0].sigmoid()
    decoder = nn.Sequential(
        nn.Flatten(), nn.Linear(64, 8), nn.ReLU(), nn.Linear(8, 64), nn.Sigmoid(), nn.Unflatten(1, (1, 8, 8))
    )
    given = {"model": decoder, "train_loader": loader_of(pictures, pictures), "loss_fn": nn.MSELoss()}
    assert verdict("output_range", **given) == "note"


def test_spectral_norm_bounds_nothing_for_good(verdict):
    layer = nn.utils.parametrizations.spectral_norm(nn.Linear(24, 1, bias=False))
    network = nn.Sequential(nn.Flatten(), nn.Linear(64, 24), nn.ReLU(), layer)
    assert verdict("output_range", **regression(network)) == "note"


class Scored(nn.Module):
    """Class scores through one more operation."""

    def __init__(self, operation) -> None:
        super().__init__()
        self.network, self.operation = small_network(), operation

    def forward(self, inputs):
        return self.operation(self.network(inputs))


@pytest.mark.parametrize(
    ("operation", "level"),
    [
        (torch.relu, "proved"),
        (torch.tanh, "proved"),
        (torch.sigmoid, "proved"),
        (lambda scores: F.normalize(scores, dim=1), "proved"),
        (lambda scores: 16 * F.normalize(scores, dim=1), "note"),
        (lambda scores: 30 * torch.tanh(scores / 30), "note"),
        (lambda scores: -scores.square(), "note"),
        (lambda scores: scores.softmax(1), "note"),
        (lambda scores: scores.log_softmax(1), "note"),
    ],
    ids=["relu", "tanh", "sigmoid", "cosine", "scaled cosine", "soft cap", "distances", "softmax", "log softmax"],
)
def test_scores_of_classes(verdict, operation, level):
    assert verdict("output_range", model=Scored(operation)) == level


def test_cut_scores_tell_how_many(run):
    (finding,) = run("output_range", model=small_network().append(nn.ReLU()))
    assert "of the right classes' scores are cut to exactly 0" in finding.summary
    assert finding.evidence["cut"] > 0.1


class Pooled(nn.Module):
    """ReLU before average pooling to scores, as in Network in Network."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Conv2d(8, 4, 1), nn.ReLU())

    def forward(self, inputs):
        return self.body(inputs).mean((2, 3))


@pytest.mark.parametrize("seed", range(4))
def test_a_rectified_map_before_pooling_passes(verdict, seed):
    torch.manual_seed(seed)
    assert verdict("output_range", model=Pooled()) == "note"


def test_a_head_that_starts_at_zero_passes(verdict):
    model = small_network()
    with torch.no_grad():
        model[-1].weight.zero_()
        model[-1].bias.zero_()
    assert verdict("output_range", model=model) == "note"


@pytest.mark.parametrize(("last", "level"), [(nn.Identity(), "note"), (nn.ReLU(), "proved"), (nn.Tanh(), "proved")])
def test_binary_scores(verdict, last, level):
    inputs, labels = digits_like()
    given = {"train_loader": loader_of(inputs, (labels % 2).float()[:, None]), "loss_fn": nn.BCEWithLogitsLoss()}
    assert verdict("output_range", model=small_network(1).append(last), **given) == level


def test_losses_of_probabilities_are_skipped(run):
    model = small_network().append(nn.LogSoftmax(1))
    assert "wants bounded outputs" in run("output_range", model=model, loss_fn=nn.NLLLoss()).reason


@pytest.mark.parametrize("seed", range(4))
def test_shares_of_many_classes_may_reach_what_none_has_reached(verdict, seed):
    torch.manual_seed(seed)
    inputs, labels = digits_like(classes=11)
    given = {"train_loader": loader_of(inputs, F.one_hot(labels, 11).float()), "loss_fn": nn.MSELoss()}
    assert verdict("output_range", model=small_network(11).append(nn.Softmax(1)), **given) == "note"


class Variational(nn.Module):
    """A drawing beside the mean and the log-variance of its code."""

    def __init__(self, last) -> None:
        super().__init__()
        self.code, self.drawing = nn.Sequential(nn.Flatten(), nn.Linear(64, 8)), nn.Sequential(nn.Linear(4, 64), last)

    def forward(self, inputs):
        mean, log_variance = self.code(inputs).chunk(2, -1)
        return self.drawing(mean).reshape(inputs.shape), mean, log_variance


def evidence_bound(outputs, targets):
    drawing, mean, log_variance = outputs
    divergence = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).sum(1)
    return (0.5 * (drawing - targets).square().flatten(1).sum(1) + divergence).mean()


@pytest.mark.parametrize(("last", "level"), [(nn.Identity(), "note"), (nn.Sigmoid(), "proved"), (nn.ReLU(), "proved")])
def test_the_drawing_of_a_variational_autoencoder_is_judged_within_its_loss(verdict, last, level):
    inputs, _ = digits_like()
    given = {"model": Variational(last), "train_loader": loader_of(inputs, inputs), "loss_fn": evidence_bound}
    assert verdict("output_range", **given) == level


def test_parameters_of_the_model_itself_are_not_taken_for_the_last_layer(verdict):
    class Positions(nn.Module):
        """What every small language model looks like: positions are a parameter of the root."""

        def __init__(self):
            super().__init__()
            self.words, self.places = nn.Embedding(20, 16), nn.Parameter(torch.zeros(6, 16))
            self.cells, self.norm, self.head = nn.GRU(16, 16, batch_first=True), nn.LayerNorm(16), nn.Linear(16, 20)

        def forward(self, inputs):
            return self.head(self.norm(self.cells(self.words(inputs) + self.places)[0]))

    def loss_fn(outputs, targets):
        return F.cross_entropy(outputs.flatten(0, 1), targets.flatten())

    rows = (torch.randint(0, 20, (160, 1), generator=torch.Generator().manual_seed(0)) + 3 * torch.arange(7)) % 20
    loader = loader_of(rows[:, :-1], rows[:, 1:])
    assert verdict("output_range", model=Positions(), train_loader=loader, loss_fn=loss_fn) == "note"
