import math

import pytest
import torch
import torch.nn.functional as F
from check_programs import digits_like, loader_of, small_network
from torch import nn


def test_default_initialisation_passes_with_numbers_a_person_reads(run):
    (finding,) = run("initial_loss")
    assert finding.level == "note"
    assert "expected 1.39 for 4 balanced classes" in finding.summary
    assert finding.evidence["expected"] == pytest.approx(math.log(4))


def test_large_last_layer_is_suspect(run):
    model = small_network()
    with torch.no_grad():
        model[-1].weight.mul_(60)
    (finding,) = run("initial_loss", model=model)
    assert finding.level == "suspect"
    assert "last layer" in finding.cause
    assert finding.evidence["tried"]["draws"] < finding.evidence["loss"] / 2


def test_a_bias_alone_is_left_to_output_bias(verdict):
    model = small_network()
    with torch.no_grad():
        model[-1].bias[2] = 12.0
    assert verdict("initial_loss", model=model) == "note"


def test_unscaled_inputs_are_suspect(run):
    inputs, labels = digits_like()
    (finding,) = run("initial_loss", train_loader=loader_of(inputs * 255, labels))
    assert finding.level == "suspect"
    assert "Inputs are not scaled" in finding.cause


def test_outputs_that_are_not_what_the_loss_wants_are_left_to_other_checks(verdict):
    assert verdict("initial_loss", model=small_network().append(nn.Softmax(1))) == "note"
    assert verdict("initial_loss", loss_fn=nn.NLLLoss()) == "note"


def test_biased_head_on_imbalanced_data_expects_the_prior_entropy(run):
    inputs, _ = digits_like()
    labels = (torch.arange(240) % 10 == 0).long()
    model = small_network(2)
    with torch.no_grad():
        model[-1].weight.zero_()
        model[-1].bias.copy_(torch.tensor([0.9, 0.1]).log())
    (finding,) = run("initial_loss", model=model, train_loader=loader_of(inputs, labels))
    assert finding.level == "note"
    assert finding.evidence["expected"] == pytest.approx(-0.9 * math.log(0.9) - 0.1 * math.log(0.1), abs=1e-6)
    assert finding.evidence["loss"] == pytest.approx(finding.evidence["expected"], abs=1e-3)


@pytest.mark.parametrize(
    "loss_fn",
    [nn.CrossEntropyLoss(label_smoothing=0.2), nn.CrossEntropyLoss(reduction="sum")],
    ids=["smoothing", "sum"],
)
def test_smoothing_and_sums_do_not_move_the_expected_loss(run, loss_fn):
    (finding,) = run("initial_loss", loss_fn=loss_fn)
    assert finding.level == "note"
    assert finding.evidence["loss"] == pytest.approx(math.log(4), rel=0.25)


def test_soft_targets(verdict):
    inputs, labels = digits_like()
    assert verdict("initial_loss", train_loader=loader_of(inputs, 0.7 * F.one_hot(labels, 4) + 0.075)) == "note"


def test_squared_error_expects_the_mean_square_about_the_mean_output(run):
    inputs, labels = digits_like()
    targets = labels.float()[:, None] - 1.5  # variance (2.25 + .25 + .25 + 2.25) / 4 = 1.25
    model = small_network(1)
    with torch.no_grad():
        model[-1].weight.zero_()
        model[-1].bias.fill_(1.0)
    given = {"model": model, "train_loader": loader_of(inputs, targets), "loss_fn": nn.MSELoss()}
    (finding,) = run("initial_loss", **given)
    assert finding.level == "note"
    assert finding.evidence["expected"] == pytest.approx(1.25 + 1.0, abs=1e-4)


def test_exploding_regression_output_is_suspect(verdict):
    inputs, labels = digits_like()
    targets = labels.float()[:, None] - 1.5
    model = small_network(1)
    with torch.no_grad():
        model[-1].weight.mul_(100)
    given = {"model": model, "train_loader": loader_of(inputs, targets), "loss_fn": nn.MSELoss()}
    assert verdict("initial_loss", **given) == "suspect"


def test_binary_expects_log_two(run):
    inputs, labels = digits_like()
    targets = (labels % 2).float()[:, None]
    given = {"model": small_network(1), "train_loader": loader_of(inputs, targets), "loss_fn": nn.BCEWithLogitsLoss()}
    (finding,) = run("initial_loss", **given)
    assert finding.level == "note"
    assert finding.evidence["expected"] == pytest.approx(math.log(2))


def test_a_loss_that_reads_no_targets_is_skipped_with_the_reason(run):
    assert (
        "not read the targets" in run("initial_loss", loss_fn=lambda outputs, targets: outputs.square().mean()).reason
    )


def test_an_unknown_loss_is_estimated_by_permuting_the_targets(run):
    (finding,) = run("initial_loss", loss_fn=nn.MultiMarginLoss())
    assert finding.level == "note"
    assert "as an untrained network should" in finding.summary
    assert finding.evidence["loss"] == pytest.approx(finding.evidence["permuted_mean"], rel=0.2)


def test_a_network_that_knows_its_targets_differs_under_permutation(run):
    inputs, _ = digits_like()
    given = {"model": nn.Identity(), "train_loader": loader_of(inputs.flatten(1), inputs.flatten(1))}
    given["model"] = nn.Linear(64, 64)
    with torch.no_grad():
        given["model"].weight.copy_(torch.eye(64))
        given["model"].bias.zero_()
    (finding,) = run("initial_loss", loss_fn=lambda o, t: (o - t).cosh().log().mean(), **given)
    assert finding.level == "note"
    assert "knows something of its targets already" in finding.summary


def test_absolute_and_huber_errors_by_hand(run):
    inputs, labels = digits_like()
    targets = labels.float()[:, None] - 1.5
    model = small_network(1)
    with torch.no_grad():
        model[-1].weight.zero_()
        model[-1].bias.fill_(1.0)
    given = {"model": model, "train_loader": loader_of(inputs, targets)}
    # distances of 1 to -1.5, -.5, .5, 1.5 are 2.5, 1.5, .5, .5
    for loss_fn, expected in ((nn.L1Loss(), 1.25), (nn.SmoothL1Loss(), (2.0 + 1.0 + 0.125 + 0.125) / 4)):
        (finding,) = run("initial_loss", loss_fn=loss_fn, **given)
        assert finding.evidence["expected"] == pytest.approx(expected, abs=1e-4)
        assert finding.evidence["loss"] == pytest.approx(expected, abs=1e-4)


def test_focal_loss_expects_less_than_log_classes(run):
    def focal(outputs, labels):
        log_likelihood = outputs.log_softmax(1).gather(1, labels[:, None])
        return -((1 - log_likelihood.exp()) ** 2 * log_likelihood).mean()

    (finding,) = run("initial_loss", loss_fn=focal)
    assert finding.level == "note"
    assert finding.evidence["expected"] == pytest.approx(0.75**2 * math.log(4))
    assert finding.evidence["loss"] == pytest.approx(finding.evidence["expected"], rel=0.25)


def test_divergence_expects_what_the_targets_leave(run):
    inputs, labels = digits_like()
    targets = 0.7 * F.one_hot(labels, 4) + 0.075
    given = {"model": small_network().append(nn.LogSoftmax(1)), "train_loader": loader_of(inputs, targets)}
    (finding,) = run("initial_loss", loss_fn=nn.KLDivLoss(reduction="batchmean"), **given)
    entropy = -0.775 * math.log(0.775) - 3 * 0.075 * math.log(0.075)
    assert finding.evidence["expected"] == pytest.approx(math.log(4) - entropy, abs=1e-6)
    assert finding.evidence["loss"] == pytest.approx(finding.evidence["expected"], rel=0.3)


def test_several_labels_an_example_expect_log_two(run):
    inputs, labels = digits_like()
    targets = torch.stack([labels % 2, labels // 2], 1).float()
    given = {"model": small_network(2), "train_loader": loader_of(inputs, targets), "loss_fn": nn.BCEWithLogitsLoss()}
    (finding,) = run("initial_loss", **given)
    assert finding.evidence["expected"] == pytest.approx(math.log(2))


class Words(nn.Module):
    def __init__(self, classes_last: bool) -> None:
        super().__init__()
        self.classes_last, self.embedding, self.head = classes_last, nn.Embedding(11, 8), nn.Linear(8, 11)

    def forward(self, words):
        scores = self.head(self.embedding(words).cumsum(1).tanh())
        return scores if self.classes_last else scores.transpose(1, 2)


@pytest.mark.parametrize("classes_last", [True, False])
def test_language_models_with_padding_expect_log_vocabulary(run, classes_last):
    words = torch.randint(1, 11, (80, 7), generator=torch.Generator().manual_seed(0))
    words[::2, 5:] = 0

    def loss_fn(outputs, targets):
        scores = outputs.flatten(0, 1) if classes_last else outputs
        return F.cross_entropy(scores, targets.flatten() if classes_last else targets, ignore_index=0)

    given = {"model": Words(classes_last), "train_loader": loader_of(words[:, :-1], words[:, 1:])}
    (finding,) = run("initial_loss", loss_fn=loss_fn, **given)
    assert finding.level == "note"
    assert "expected 2.40 for 11" in finding.summary
    assert finding.evidence["loss"] == pytest.approx(math.log(11), rel=0.25)


def test_a_sum_of_squares_is_measured_by_the_example(run):
    inputs, labels = digits_like()
    targets = labels.float()[:, None] * 3
    given = {
        "model": small_network(1),
        "train_loader": loader_of(inputs, targets),
        "loss_fn": nn.MSELoss(reduction="sum"),
    }
    (finding,) = run("initial_loss", **given)
    assert finding.level == "note"
    assert finding.evidence["loss"] == pytest.approx(finding.evidence["expected"], rel=0.3)


@pytest.mark.parametrize("seed", range(3))
def test_a_design_that_starts_high_by_default_is_a_note(run, seed):
    class Tied(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embedding = nn.Embedding(11, 64)  # PyTorch draws it from N(0, 1), so tied scores are large

        def forward(self, words):
            return self.embedding(words) @ self.embedding.weight.t()

    torch.manual_seed(seed)
    words = torch.randint(11, (80, 6), generator=torch.Generator().manual_seed(seed))
    loss_fn = lambda outputs, targets: F.cross_entropy(outputs.flatten(0, 1), targets.flatten())  # noqa: E731
    given = {"model": Tied(), "train_loader": loader_of(words[:, :-1], words[:, 1:]), "loss_fn": loss_fn}
    (finding,) = run("initial_loss", **given)
    assert finding.level == "note"
    assert finding.evidence["loss"] > 10
    assert "as high under PyTorch's own initialisation" in finding.summary


def test_nan_loss_is_proved(verdict):
    class Root(nn.Module):
        def forward(self, inputs):
            return (inputs - 100.0).sqrt()

    assert verdict("initial_loss", model=small_network().append(Root())) == "proved"


def test_weights_that_are_not_finite_are_left_to_initialization_scale(verdict):
    model = small_network()
    with torch.no_grad():
        model[-1].weight[0, 0] = float("inf")
    assert verdict("initial_loss", model=model).startswith("skipped: no training leads out of NaN or infinity in 3.w")
    assert verdict("initialization_scale", model=model) == "proved"


NEGATED = {
    "cross entropy": lambda outputs, targets: -F.cross_entropy(outputs, targets),
    "without its minus": lambda outputs, targets: outputs.log_softmax(1).gather(1, targets[:, None]).mean(),
    "sum": lambda outputs, targets: -F.cross_entropy(outputs, targets, reduction="sum"),
    "smoothed": lambda outputs, targets: -F.cross_entropy(outputs, targets, label_smoothing=0.1),
}


@pytest.mark.parametrize("loss_fn", NEGATED.values(), ids=NEGATED)
def test_negated_cross_entropy_is_proved(run, loss_fn):
    (finding,) = run("initial_loss", loss_fn=loss_fn)
    assert finding.level == "proved"
    assert finding.evidence["minus"] == "cross_entropy"
    assert finding.evidence["loss"] < 0
    assert "sign" in finding.cause


@pytest.mark.parametrize("loss", [F.mse_loss, F.l1_loss, F.binary_cross_entropy_with_logits])
def test_negated_losses_of_numbers_are_proved(verdict, loss):
    inputs, labels = digits_like()
    given = {"model": small_network(1), "train_loader": loader_of(inputs, (labels % 2).float()[:, None])}
    assert verdict("initial_loss", loss_fn=lambda outputs, targets: -loss(outputs, targets), **given) == "proved"


def test_losses_that_are_negative_by_nature_stay_silent(run):
    def log_density(outputs, targets):  # of a narrow normal distribution: its negative lies below 0
        return (50 * (outputs - F.one_hot(targets, 4)).square() - 3.0).mean()

    def similarity(outputs, targets):
        return -F.cosine_similarity(outputs, F.one_hot(targets, 4).float()).mean()

    def costs(outputs, targets):
        return outputs.gather(1, targets[:, None]).mean()

    for loss_fn in (log_density, similarity, costs):
        (finding,) = run("initial_loss", loss_fn=loss_fn)
        assert finding.level == "note"
        assert "not known" in finding.summary
