"""Unusual losses and targets that are right."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, one_hot, softplus

from faults.examples import Examples
from faults.look_alike import LookAlike
from faults.network import Apply
from faults.parts import LossFunction, Parts
from faults.planted import IMAGES, LABELLED, SIGNALS, TABLES, VECTORS
from faults.properties import last_linear
from faults.tasks import Task, area_under_curve, explained_variance

CLASSES = frozenset({"classification", "cross_entropy"})
NUMBERS = frozenset({"regression"})


def with_loss(loss_fn: LossFunction, last: Callable[[], nn.Module] | None = None) -> Any:
    """Another loss, with what the network must end in for it."""

    def edit_parts(parts: Parts, chance: random.Random) -> Parts:
        return (parts if last is None else ending_in(parts, last)).but(loss_fn=loss_fn)

    return edit_parts


def ending_in(parts: Parts, last: Callable[[], nn.Module]) -> Parts:
    """A module behind the head."""

    def edit(model: Any) -> nn.Module:
        model.head = nn.Sequential(model.head, last())
        return model

    return parts.edit_model(edit)


def with_targets(parts: Parts, edit: Callable[[Tensor], Tensor]) -> Parts:
    """All targets edited alike."""
    own = [Examples(part.inputs, edit(part.targets)) for part in (parts.train, parts.validation)]
    return parts.but(train=own[0], validation=own[1])


def wider(parts: Parts, outputs: int) -> Parts:
    """A head with another number of outputs, and nothing behind it."""

    def edit(model: Any) -> nn.Module:
        model.head = nn.Linear(last_linear(model.head).in_features, outputs)
        return model

    return parts.edit_model(edit)


def classes_of(parts: Parts) -> int:
    return int(parts.train.targets.max()) + 1


def smoothed(parts: Parts, chance: random.Random) -> Parts:
    return parts.but(loss_fn=nn.CrossEntropyLoss(label_smoothing=chance.choice([0.1, 0.2, 0.3])))


def soft_targets(parts: Parts, chance: random.Random) -> Parts:
    """Distributions, as several annotators or a teacher give them."""
    classes, sharp = classes_of(parts), chance.uniform(0.6, 0.9)
    return with_targets(parts, lambda labels: sharp * one_hot(labels, classes).float() + (1.0 - sharp) *
                        torch.distributions.Dirichlet(torch.ones(classes)).sample((len(labels),)))  # fmt: skip


def weighted(parts: Parts, chance: random.Random) -> Parts:
    """Class weights of the inverse frequency."""
    counts = torch.bincount(parts.train.targets, minlength=classes_of(parts)).clamp_min(1).float()
    return parts.but(loss_fn=nn.CrossEntropyLoss(weight=counts.sum() / (len(counts) * counts)))


class Focal(nn.Module):
    """mean((1 - p)^2 * -log p)."""

    def forward(self, logits: Tensor, labels: Tensor) -> Tensor:
        log_p = logits.log_softmax(-1).gather(-1, labels[:, None]).squeeze(-1)
        return ((1.0 - log_p.exp()).square() * -log_p).mean()


def brier(logits: Tensor, labels: Tensor) -> Tensor:
    """Squared error of the probabilities, summed over classes."""
    return (logits.softmax(-1) - one_hot(labels, logits.shape[-1])).square().sum(-1).mean()


def several_labels(parts: Parts, chance: random.Random) -> Parts:
    """Independent yes-or-no questions about the class: is it even, is it in the lower half, is it the first?"""

    def ask(labels: Tensor) -> Tensor:
        return torch.stack([labels % 2 == 0, labels < (classes_of(parts) + 1) // 2, labels == 0], 1).float()

    task = Task("area under the curve", area_under_curve, 0.5, 0.1)
    return with_targets(wider(parts, 3), ask).but(loss_fn=nn.BCEWithLogitsLoss(), task=task)


class Ordinal(nn.Module):
    """Is the class above 0, above 1, ...: a binary question for each step of the scale."""

    def forward(self, logits: Tensor, labels: Tensor) -> Tensor:
        steps = torch.arange(logits.shape[-1], device=labels.device)
        return binary_cross_entropy_with_logits(logits, (labels[:, None] > steps).float())


def rank_score(logits: Tensor, labels: Tensor) -> float:
    """Explained variance of the expected class."""
    return explained_variance(logits.sigmoid().sum(-1), labels)


def ordinal(parts: Parts, chance: random.Random) -> Parts:
    task = Task("explained variance", rank_score, 0.0, 0.1)
    return wider(parts, classes_of(parts) - 1).but(loss_fn=Ordinal(), task=task)


def as_probability(parts: Parts, chance: random.Random) -> Parts:
    return ending_in(parts, nn.Sigmoid).but(loss_fn=nn.BCELoss())


def quantile(outputs: Tensor, targets: Tensor) -> Tensor:
    """The 60 % quantile's loss."""
    rest = targets - outputs
    return torch.maximum(0.6 * rest, -0.4 * rest).mean()


def counted(parts: Parts, chance: random.Random) -> Parts:
    """Counts, and a network that says their logarithm."""

    def count(targets: Tensor) -> Tensor:
        return torch.poisson((1.0 + 0.6 * targets).exp().clamp_max(60.0))

    task = Task("explained variance", lambda said, true: explained_variance(said.exp(), true), 0.0, 0.1)
    return with_targets(parts, count).but(loss_fn=nn.PoissonNLLLoss(), task=task)


def with_variance(outputs: Tensor, targets: Tensor) -> Tensor:
    """Gaussian likelihood of (mean, what becomes the variance)."""
    variance = softplus(outputs[:, 1]) + 1e-3
    return nn.functional.gaussian_nll_loss(outputs[:, 0], targets, variance)


def mean_and_variance(parts: Parts, chance: random.Random) -> Parts:
    return wider(parts, 2).but(loss_fn=with_variance, prediction=lambda outputs: outputs[:, 0])


def in_own_units(parts: Parts, chance: random.Random) -> Parts:
    """Targets in thousands; the network's last layer has the scale, and the loss is taken in it."""
    scale, place = chance.choice([1e3, 2e4]), chance.choice([0.0, 5.0])

    def loss_fn(outputs: Tensor, targets: Tensor) -> Tensor:
        return ((outputs - targets) / scale).square().mean()

    scaled = ending_in(parts, lambda: Apply(lambda values: scale * (values + place)))
    return with_targets(scaled, lambda targets: scale * (targets + place)).but(loss_fn=loss_fn)


def bounded(parts: Parts, chance: random.Random) -> Parts:
    """Targets in (-1, 1) and a tanh that fits them."""
    return with_targets(ending_in(parts, nn.Tanh), lambda targets: (0.5 * targets).tanh())


def column_targets(parts: Parts, chance: random.Random) -> Parts:
    """(batch, 1) on both sides."""
    return with_targets(wider(parts, 1), lambda targets: targets[:, None])


LOOK_ALIKES = (
    LookAlike("label_smoothing", "a loss whose floor is not 0", smoothed, LABELLED, needs=CLASSES),
    LookAlike("soft_targets", "targets are distributions", soft_targets, VECTORS, needs=CLASSES),
    LookAlike("class_weights", "cross-entropy with weights of the inverse frequency", weighted, LABELLED,
              needs=CLASSES),
    LookAlike("focal_loss", "hard examples count more", with_loss(Focal()), LABELLED, needs=CLASSES),
    LookAlike("brier_score", "squared error of softmax probabilities", with_loss(brier), VECTORS, needs=CLASSES),
    LookAlike("margin_loss", "a hinge over classes", with_loss(nn.MultiMarginLoss()), VECTORS, needs=CLASSES),
    LookAlike("log_softmax_with_nll", "a network of log-probabilities under NLLLoss",
              with_loss(nn.NLLLoss(), lambda: nn.LogSoftmax(-1)), LABELLED, needs=CLASSES),
    LookAlike("sigmoid_with_bce", "a network of probabilities under BCELoss", as_probability, (TABLES,),
              needs=frozenset({"binary"})),
    LookAlike("several_labels", "independent questions under binary cross-entropy", several_labels, (IMAGES, TABLES),
              needs=CLASSES),
    LookAlike("ordinal_classes", "a question for each step of the scale", ordinal, (SIGNALS,), needs=CLASSES),
    LookAlike("quantile_regression", "the 60 % quantile", with_loss(quantile), (TABLES, SIGNALS), needs=NUMBERS),
    LookAlike("poisson_counts", "counts under a Poisson likelihood", counted, (SIGNALS,), needs=NUMBERS),
    LookAlike("gaussian_likelihood", "a network that tells its own variance; the loss may be negative",
              mean_and_variance, (TABLES, SIGNALS), needs=NUMBERS | {"squared_error"}),
    LookAlike("targets_in_thousands", "targets in their own units, scaled inside the program", in_own_units,
              (TABLES, SIGNALS), needs=NUMBERS | {"squared_error"}),
    LookAlike("bounded_regression", "a tanh for targets within its range", bounded, (TABLES, SIGNALS),
              needs=NUMBERS | {"squared_error"}),
    LookAlike("targets_as_columns", "outputs and targets both (batch, 1)", column_targets, (TABLES, SIGNALS),
              needs=NUMBERS),
)  # fmt: skip
