"""Training examples predict the classes of validation examples, and each side predicts its own, without any network.

    scores = K_ab (K_bb + lambda I)^-1 one_hot(labels_b), examples a from examples b, never from themselves
    kappa = (agreement - chance) / (1 - chance),  chance = sum over classes of share predicted * share borne

The kernel is the one that predicts the examples b best from each other, so that what a side reaches by itself is a
little too high by selection, and what it reaches on the other side is not. Where the latter falls far short of what
both sides reach by themselves, something lies between the two loaders.

Source: Cohen 1960 (kappa); Cook 1977 (predictions without example i).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from assay.checks.experiments.association import RIDGES, input_views, kernels
from assay.checks.given.batches import split_batch, tensors_in
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.loader_reading import single_values, training_sample, validation_sample
from assay.checks.given.pipeline import Pipeline
from assay.randomness import generator_for

MOST_TRAINING, MOST_VALIDATION, FEWEST, MOST_CLASSES = 512, 384, 24, 50


@dataclass(frozen=True)
class Side:
    """Inputs of one loader, examples first, and their classes as numbers from 0."""

    inputs: list[Tensor]
    labels: Tensor


@dataclass(frozen=True)
class Agreement:
    """Cohen's kappa of predictions with labels, and its standard error."""

    kappa: float
    error: float
    examples: int

    def within(self, deviations: float) -> tuple[float, float]:
        """What kappa is at least, and at most."""
        return self.kappa - deviations * self.error, self.kappa + deviations * self.error


@dataclass(frozen=True)
class CrossPrediction:
    """Two sides, and the classes that are predicted for each by itself and by the other."""

    train: Side
    validation: Side
    train_by_itself: Tensor
    train_by_validation: Tensor
    validation_by_itself: Tensor
    validation_by_train: Tensor

    @property
    def to_expect(self) -> float:
        """What training would tell of validation if both were alike: the lesser of what each tells of itself."""
        own = agreement(self.train_by_itself, self.train.labels).kappa
        return min(own, agreement(self.validation_by_itself, self.validation.labels).kappa)


def agreement(predicted: Tensor, labels: Tensor) -> Agreement:
    """Beyond chance: 0 where predictions know nothing, 1 where all agree."""
    classes = int(max(predicted.max(), labels.max())) + 1
    shares = [torch.bincount(side, minlength=classes).double() / len(side) for side in (predicted, labels)]
    chance, agreed = float((shares[0] * shares[1]).sum()), float((predicted == labels).double().mean())
    usual = min(max(agreed, 1 / len(labels)), 1 - 1 / len(labels))  # no sample is proof of certainty
    left = max(1.0 - chance, 1e-9)
    return Agreement((agreed - chance) / left, (usual * (1 - usual) / len(labels)) ** 0.5 / left, len(labels))


def cross_prediction(pipeline: Pipeline) -> CrossPrediction:
    """Sides as the loaders give them; look at it with `pipeline.once`.

    Raises:
        CannotCheckError: there is no validation loader, or examples do not bear one of a few classes each.
    """
    kind = pipeline.loss_kind
    if not (kind.is_classification or kind.is_binary or kind.name == "unknown"):
        raise CannotCheckError("targets are not classes")
    train = _side(pipeline, pipeline.once(training_sample), MOST_TRAINING)
    validation = _side(pipeline, pipeline.once(validation_sample), MOST_VALIDATION)
    if kind.name == "unknown" and not all(set(side.labels.tolist()) == {0, 1} for side in (train, validation)):
        raise CannotCheckError("targets are not known to be classes, nor just 0 and 1")
    if [t.shape[1:] for t in train.inputs] != [t.shape[1:] for t in validation.inputs]:
        raise CannotCheckError("training and validation inputs differ in shape")
    return predict_across(*with_common_classes(train, validation), pipeline.seed)


def with_common_classes(train: Side, validation: Side) -> tuple[Side, Side]:
    """The examples of classes that both sides show: sorted data may show others, and those say nothing here.

    Raises:
        CannotCheckError: there are fewer than 2 such classes, too many, or few examples of them.
    """
    classes = torch.unique(train.labels)
    classes = classes[torch.isin(classes, validation.labels)]
    if not 2 <= len(classes) <= MOST_CLASSES:
        raise CannotCheckError(f"needs 2 to {MOST_CLASSES} classes that both loaders show, got {len(classes)}")
    sides = []
    for side in (train, validation):
        kept = torch.isin(side.labels, classes)
        sides.append(Side([t[kept] for t in side.inputs], torch.searchsorted(classes, side.labels[kept])))
    if min(len(side.labels) for side in sides) < FEWEST:
        raise CannotCheckError(f"needs at least {FEWEST} examples of common classes on each side")
    return sides[0], sides[1]


def _side(pipeline: Pipeline, batch: Any, most: int) -> Side:
    given, targets = split_batch(batch)
    size = len(next(tensors_in(given)))
    labels = single_values(targets, size)
    if labels is None or not bool((labels == labels.round()).all()):
        raise CannotCheckError("targets are not one class for each example")
    kept = (labels != pipeline.loss_kind.ignored_label).nonzero().flatten()[:most]
    inputs = [t.detach().cpu()[kept] for t in tensors_in(given) if t.dim() and len(t) == size and not t.is_complex()]
    if len(kept) < FEWEST or not inputs or not all(bool(torch.isfinite(tensor).all()) for tensor in inputs):
        raise CannotCheckError(f"needs at least {FEWEST} examples with finite inputs on each side")
    return Side(inputs, labels[kept].long())


def predict_across(train: Side, validation: Side, seed: int) -> CrossPrediction:
    """Each side's classes as it predicts itself, and as the other does."""
    joined = [torch.cat(pair) for pair in zip(train.inputs, validation.inputs, strict=True)]
    found = kernels(input_views(joined, generator_for(seed, "cross prediction")))
    count, classes = len(train.labels), int(max(train.labels.max(), validation.labels.max())) + 1
    first, second = slice(0, count), slice(count, None)
    by_train = _best([(k[first, first], k[second, first]) for k in found], train.labels, classes)
    by_validation = _best([(k[second, second], k[first, second]) for k in found], validation.labels, classes)
    return CrossPrediction(train, validation, by_train[0], by_validation[1], by_validation[0], by_train[1])


def _best(pairs: list[tuple[Tensor, Tensor]], labels: Tensor, classes: int) -> tuple[Tensor, Tensor]:
    """Predicted classes of the side itself and of the other, by the kernel that is best on the side itself."""
    tried = [_predicted(own, across, ridge, labels, classes) for own, across in pairs for ridge in RIDGES]
    return max(tried, key=lambda predicted: int((predicted[0] == labels).sum()))


def _predicted(own: Tensor, across: Tensor, ridge: float, labels: Tensor, classes: int) -> tuple[Tensor, Tensor]:
    codes = torch.eye(classes)[labels]
    centred = (codes - codes.mean(0)).to(own)
    solved = torch.linalg.solve(own + ridge * torch.eye(len(own), dtype=own.dtype), torch.cat([own, centred], 1))
    hat, weights = solved[:, : len(own)], solved[:, len(own) :]
    leverage = hat.diag()[:, None]
    left_out = (hat @ centred - leverage * centred) / (1 - leverage).clamp(min=1e-6)
    return (left_out + codes.mean(0)).argmax(1), (across @ weights + codes.mean(0)).argmax(1)
