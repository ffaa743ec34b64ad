"""Outputs that are wrong for every target of a batch, as much as is asked for.

    classes: the share `value` of the probability on a wrong class (on the right one where value < 0), the rest even
    yes or no: the wrong answer has probability 0.5 + 0.5 * value
    numbers: targets + DEVIATIONS[value] * their standard deviation

They are given in the form that the outputs have: probabilities, log-probabilities or scores.

Source: Karpathy 2015, CS231n (what a loss says of a confident wrong answer).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.pipeline import Pipeline
from assay.checks.losses.loss_kind import LossKind
from assay.checks.losses.probabilities import are_distributions, are_log_distributions

MILD = (-0.95, -0.5, 0.0, 0.25, 0.5)
WRONG, FAR = (0.95, 0.98), (0.999, 0.9999)
DEVIATIONS = {-0.95: 0.005, -0.5: 0.02, 0.0: 0.1, 0.25: 0.3, 0.5: 1.0, 0.95: 2.0, 0.98: 3.0, 0.999: 10.0, 0.9999: 30.0}
Answers = Callable[[float], Tensor]


def wrong_answers(pipeline: Pipeline, batch: Any) -> tuple[Answers, str]:
    """Outputs that are wrong for every target of the batch, given how much, and what that is counted in."""
    with torch.no_grad():
        outputs = only_tensor(pipeline.forward(pipeline.evaluation_copy(), batch)).detach()
    targets = pipeline.targets(batch)
    if not isinstance(targets, Tensor):
        raise CannotCheckError("the targets are more than one tensor")
    kind = pipeline.loss_kind
    axis = kind.class_axis if kind.is_classification else _class_axis(kind, outputs, targets)
    if axis is not None:
        return _for_classes(outputs, targets, axis), "probability"
    if targets.numel() != outputs.numel():
        raise CannotCheckError("what a wrong answer is cannot be told from these targets")
    shaped = targets.reshape(outputs.shape).to(outputs)
    if bool(((targets == 0) | (targets == 1)).all()) and kind.name in ("binary_logits", "binary", "unknown"):
        return _for_signs(outputs, shaped), "probability"
    if not targets.is_floating_point():
        raise CannotCheckError("what a wrong answer is cannot be told from these targets")
    spread = float(shaped.double().std(correction=0)) or 1.0
    return (lambda value: shaped + DEVIATIONS[value] * spread), "standard deviation"


def _class_axis(kind: LossKind, outputs: Tensor, targets: Tensor) -> int | None:
    """The axis of scores for these targets, if they can be labels of a loss that is not known."""
    if kind.name != "unknown" or outputs.dim() < 2 or targets.is_floating_point():
        return None
    labels = targets[targets != kind.ignored_label]
    for axis in (1, -1):
        classes = outputs.shape[axis]
        if targets.shape == outputs.select(axis, 0).shape and classes > 1 and labels.numel():
            return axis if int(labels.min()) >= 0 and int(labels.max()) < classes else None
    return None


def _for_classes(outputs: Tensor, targets: Tensor, axis: int) -> Answers:
    classes = outputs.shape[axis]
    labels = targets.argmax(axis) if targets.is_floating_point() else targets.clamp(0, classes - 1)
    labels = labels.reshape(outputs.movedim(axis, -1).shape[:-1])
    right, wrong = (F.one_hot((labels + shift) % classes, classes).movedim(-1, axis) for shift in (0, 1))
    are_probabilities, are_logs = are_distributions(outputs, axis), are_log_distributions(outputs, axis)

    def answers(value: float) -> Tensor:
        chosen, share = (wrong, value) if value > 0 else (right, -value)
        flat = (1.0 - share) / (classes - 1)
        mixed = (
            chosen * share + (1 - chosen) * flat
            if share
            else torch.full_like(outputs, 1.0 / classes, dtype=torch.float64)
        )
        if are_probabilities:
            return mixed.to(outputs)
        logs = mixed.log()
        return (logs if are_logs else logs - logs.mean(axis, keepdim=True)).to(outputs)

    return answers


def _for_signs(outputs: Tensor, targets: Tensor) -> Answers:
    between = bool(((outputs >= 0) & (outputs <= 1)).all())

    def answers(value: float) -> Tensor:
        confidence = 0.5 + 0.5 * value  # of the wrong answer
        probability = torch.where(targets > 0.5, 1 - confidence, confidence)
        return probability if between else torch.logit(probability)

    return answers


def only_tensor(found: Any) -> Tensor:
    """What the model returned, if it is one tensor, or holds one that it calls `logits`.

    Raises:
        CannotCheckError: it is anything else, of which the loss may read any part.
    """
    if isinstance(found, Tensor):
        return found
    logits = getattr(found, "logits", None)
    if isinstance(logits, Tensor):
        return logits
    raise CannotCheckError("the model returns more than one tensor")
