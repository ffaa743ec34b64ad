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


def test_unscaled_inputs_are_suspect(verdict):
    inputs, labels = digits_like()
    assert verdict("initial_loss", train_loader=loader_of(inputs * 255, labels)) == "suspect"


def test_softmax_twice_is_suspect(run):
    (finding,) = run("initial_loss", model=small_network().append(nn.Softmax(1)))
    assert finding.level == "suspect"
    assert "softmax" in finding.cause


def test_nll_on_raw_scores_is_suspect_and_on_log_softmax_is_not(verdict):
    assert verdict("initial_loss", loss_fn=nn.NLLLoss()) == "suspect"
    assert verdict("initial_loss", loss_fn=nn.NLLLoss(), model=small_network().append(nn.LogSoftmax(1))) == "note"


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


def test_unknown_loss_is_skipped_with_the_reason(run):
    assert "not known" in run("initial_loss", loss_fn=lambda outputs, targets: outputs.square().mean()).reason


def test_nan_loss_is_proved(verdict):
    model = small_network()
    with torch.no_grad():
        model[-1].weight[0, 0] = float("inf")
    assert verdict("initial_loss", model=model) == "proved"


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
        assert "not known" in run("initial_loss", loss_fn=loss_fn).reason
