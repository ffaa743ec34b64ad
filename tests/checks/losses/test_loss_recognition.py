import functools

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from assay.checks.losses.loss_recognition import recognise, takes_alone
from assay.losses import CrossEntropy, MeanSquaredError

OUTPUTS, LABELS = torch.zeros(8, 5), torch.arange(8) % 5
SOFT = torch.full((8, 5), 0.2)
VALUES = torch.zeros(8, 5)


@pytest.mark.parametrize(
    ("loss_fn", "targets", "name", "smoothing", "scale"),
    [
        (nn.CrossEntropyLoss(), LABELS, "cross_entropy", 0.0, 1.0),
        (nn.CrossEntropyLoss(), SOFT, "cross_entropy", 0.0, 1.0),
        (nn.CrossEntropyLoss(label_smoothing=0.1), LABELS, "cross_entropy", 0.1, 1.0),
        (functools.partial(F.cross_entropy, label_smoothing=0.2), SOFT, "cross_entropy", 0.2, 1.0),
        (nn.CrossEntropyLoss(reduction="sum"), LABELS, "cross_entropy", 0.0, 8.0),
        (nn.CrossEntropyLoss(weight=torch.tensor([1.0, 2, 3, 4, 5])), LABELS, "cross_entropy", 0.0, 1.0),
        (lambda o, t: F.cross_entropy(o, t) / 4, LABELS, "cross_entropy", 0.0, 0.25),
        (CrossEntropy(), LABELS, "cross_entropy", 0.0, 1.0),
        (nn.NLLLoss(), LABELS, "nll", 0.0, 1.0),
        (nn.MSELoss(), VALUES, "squared", 0.0, 1.0),
        (MeanSquaredError(), VALUES, "squared", 0.0, 1.0),
        (nn.MSELoss(reduction="sum"), VALUES, "squared", 0.0, 40.0),
        (nn.BCEWithLogitsLoss(), VALUES, "binary_logits", 0.0, 1.0),
        (nn.L1Loss(), VALUES, "absolute", 0.0, 1.0),
        (nn.SmoothL1Loss(), VALUES, "huber", 0.0, 1.0),
        (nn.SmoothL1Loss(beta=0.5), VALUES, "huber", 0.0, 2.0),
        (nn.HuberLoss(delta=3.0), VALUES, "huber", 0.0, 1.0),
        (nn.KLDivLoss(reduction="batchmean"), SOFT, "kl", 0.0, 1.0),
        (lambda o, t: -(t * o).sum(1).mean(), SOFT, "nll", 0.0, 1.0),
        (lambda o, t: (o - t).cosh().log().mean(), VALUES, "unknown", 0.0, 1.0),
        (lambda o, t: o.sum(), LABELS, "unknown", 0.0, 1.0),
    ],
)
def test_losses_are_known_by_what_they_do(loss_fn, targets, name, smoothing, scale):
    kind = recognise(loss_fn, OUTPUTS, targets)
    assert kind.name == name
    assert kind.smoothing == pytest.approx(smoothing, abs=1e-3)
    assert kind.scale == pytest.approx(scale, rel=1e-3)


def test_probabilities_and_binary_cross_entropy():
    assert recognise(nn.BCELoss(), torch.full((8, 1), 0.5), torch.zeros(8, 1)).name == "binary"


def test_binary_loss_that_squeezes_is_no_broadcast():
    def loss_fn(outputs, targets):
        return F.binary_cross_entropy_with_logits(outputs.squeeze(1), targets.float())

    kind = recognise(loss_fn, torch.zeros(8, 1), LABELS % 2)
    assert (kind.name, kind.broadcasts) == ("binary_logits", False)


def test_stretched_shapes_are_seen():
    kind = recognise(nn.MSELoss(), torch.zeros(8, 1), torch.zeros(8))
    assert (kind.name, kind.broadcasts) == ("squared", True)
    assert not recognise(nn.MSELoss(), torch.zeros(8, 1), torch.zeros(8, 1)).broadcasts


def test_language_model_with_classes_last():
    def loss_fn(outputs, targets):
        return F.cross_entropy(outputs.flatten(0, 1), targets.flatten())

    kind = recognise(loss_fn, torch.zeros(4, 6, 11), torch.zeros(4, 6, dtype=torch.long))
    assert (kind.name, kind.num_classes, kind.class_axis) == ("cross_entropy", 11, -1)


def test_pixel_labels_with_classes_second():
    kind = recognise(nn.CrossEntropyLoss(), torch.zeros(2, 3, 6, 6), torch.zeros(2, 6, 6, dtype=torch.long))
    assert (kind.name, kind.num_classes, kind.class_axis) == ("cross_entropy", 3, 1)


def focal(outputs, labels, gamma=2.0):
    likelihood = outputs.softmax(1).gather(1, labels[:, None]).squeeze(1)
    return (-((1 - likelihood) ** gamma) * likelihood.log()).mean()


def binary_focal(outputs, targets, alpha=0.25, gamma=2.0):
    likelihood = torch.where(targets > 0.5, outputs.sigmoid(), 1 - outputs.sigmoid())
    weight = torch.where(targets > 0.5, alpha, 1 - alpha)
    return (-weight * (1 - likelihood) ** gamma * likelihood.log()).mean()


@pytest.mark.parametrize("gamma", [2.0, 0.5, 3.0])
def test_focal_losses_are_known_with_their_gamma(gamma):
    kind = recognise(functools.partial(focal, gamma=gamma), OUTPUTS, LABELS)
    assert (kind.name, dict(kind.settings)["gamma"]) == ("focal", gamma)
    assert kind.is_classification


def test_binary_focal_loss_is_known_for_hard_targets():
    kind = recognise(binary_focal, OUTPUTS, torch.arange(40).reshape(8, 5) % 3 % 2 * 1.0)
    assert (kind.name, dict(kind.settings)) == ("binary_focal", {"gamma": 2.0, "alpha": 0.25})


def test_a_language_model_that_shifts_inside_its_loss_is_known():
    def loss_fn(outputs, targets):
        return F.cross_entropy(outputs[:, :-1].flatten(0, 1), targets[:, 1:].flatten())

    kind = recognise(loss_fn, torch.zeros(4, 6, 11), torch.randint(11, (4, 6)))
    assert (kind.name, kind.class_axis, kind.shift) == ("cross_entropy", -1, 1)
    assert kind.class_rows(torch.zeros(4, 6, 11)).shape == (20, 11)
    assert kind.label_rows(torch.zeros(4, 6, dtype=torch.long)).shape == (20,)


@pytest.mark.parametrize("ignored", [0, -1, 10])
def test_a_label_ignored_inside_a_function_is_found(ignored):
    def loss_fn(outputs, targets):
        return F.cross_entropy(outputs.transpose(1, 2), targets, ignore_index=ignored)

    targets = torch.randint(1, 10, (4, 6), generator=torch.Generator().manual_seed(0))
    targets[:, 4:] = ignored
    kind = recognise(loss_fn, torch.zeros(4, 6, 11), targets)
    assert (kind.name, kind.ignored_label) == ("cross_entropy", ignored)


def test_one_number_an_example_is_no_target_of_class_scores():
    def of_rows(outputs, targets):
        return (targets * (outputs[0] - outputs[1]).square().sum()).mean()

    assert recognise(of_rows, torch.zeros(8, 5), torch.ones(8)).name == "unknown"


def test_a_loss_of_two_outputs_does_not_take_one_alone():
    first, second, targets = torch.randn(4, 3), torch.randn(4, 3), torch.ones(4)

    def of_pair(outputs, targets):
        return (targets * (outputs[0] - outputs[1]).square().sum(-1)).mean()

    def of_first(outputs, targets):
        return (outputs[0] if isinstance(outputs, tuple) else outputs).sum(-1).mean()

    assert not takes_alone(of_pair, (first, second), first, targets)
    assert takes_alone(of_first, (first, second), first, targets)


@pytest.mark.parametrize("shape", [(8, 5), (4, 6, 11)])
def test_a_constant_is_no_cross_entropy(shape):
    targets = torch.randint(5, shape[:-1])
    assert recognise(lambda outputs, targets: torch.tensor(0.5), torch.zeros(shape), targets).name == "unknown"
