"""What losses must be where theory says so: at flat outputs, at the class frequencies, at their floor."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from assay.checks.losses.loss_kind import LossKind
from assay.checks.losses.loss_references import FOCUS, binary_focal_terms

BIAS_AGREES_NATS = 0.1


@dataclass(frozen=True)
class Expected:
    """`value` for the network as it is, `flat` for outputs that say nothing, `reason` in words."""

    value: float
    flat: float
    reason: str


def expected_loss(kind: LossKind, outputs: Tensor, targets: Tensor) -> Expected:
    """The loss to expect before training, for the recognised loss and these targets."""
    if kind.name == "focal":
        return _of_focal(kind)
    if kind.is_classification:
        return _of_classes(kind, outputs, targets)
    if kind.is_binary:
        return _of_binaries(kind, outputs, targets)
    centre, rows = outputs.double().mean(0, keepdim=True), targets.double().reshape(outputs.shape)
    value, at_zero = (_distances(kind, rows, constant) for constant in (centre, torch.zeros_like(centre)))
    return Expected(value, min(value, at_zero), "a constant output at the mean of the initial ones")


def _distances(kind: LossKind, targets: Tensor, constant: Tensor) -> float:
    return float(number_losses(kind, constant.expand(targets.shape), targets).mean())


def number_losses(kind: LossKind, outputs: Tensor, targets: Tensor) -> Tensor:
    """One loss an output, for the three losses of regression."""
    if kind.name == "absolute":
        return (outputs - targets).abs()
    if kind.name == "huber":
        settings = dict(kind.settings)
        delta = float(settings.get("delta", settings.get("beta", 1.0))) or 1.0
        return F.huber_loss(outputs, targets, reduction="none", delta=delta)
    return (outputs - targets).square()


def _of_focal(kind: LossKind) -> Expected:
    """(1 - 1/K)^gamma * log K: every class has the same chance."""
    gamma = float(dict(kind.settings).get("gamma", FOCUS))
    flat = (1 - 1 / kind.num_classes) ** gamma * math.log(kind.num_classes)
    return Expected(flat, flat, f"{kind.num_classes} classes and gamma {gamma:g}")


def _of_binaries(kind: LossKind, outputs: Tensor, targets: Tensor) -> Expected:
    """log 2 for each target, in the units of the loss, or the entropy of the rates that the outputs start at."""
    labels = targets.double().reshape(outputs.shape)
    flat = float(score_losses(kind, torch.zeros_like(labels), labels).mean())
    scores = _scores(kind, outputs.double())
    rates, biases = (tensor.reshape(len(tensor), -1).mean(0) for tensor in (labels, scores))
    prior = float(score_losses(kind, torch.logit(rates, 1e-6).expand(labels.reshape(len(labels), -1).shape),
                             labels.reshape(len(labels), -1)).mean())  # fmt: skip
    if float((biases.sigmoid() - rates).abs().max()) < 0.05 and prior < flat - BIAS_AGREES_NATS:
        return Expected(prior, flat, "the rates of the targets")
    return Expected(flat, flat, "flat binary outputs")


def _scores(kind: LossKind, outputs: Tensor) -> Tensor:
    """Raw scores, also where the loss takes probabilities."""
    return torch.logit(outputs, 1e-12) if kind.name == "binary" else outputs


def score_losses(kind: LossKind, scores: Tensor, labels: Tensor) -> Tensor:
    """One loss an output, for the losses of yes and no."""
    settings = dict(kind.settings)
    if kind.name == "binary_focal":
        return binary_focal_terms(scores, labels, settings)
    weight = settings.get("pos_weight")
    weight = weight.to(scores) if isinstance(weight, Tensor) else None
    return F.binary_cross_entropy_with_logits(scores, labels, reduction="none", pos_weight=weight)


def class_frequencies(kind: LossKind, targets: Tensor) -> Tensor:
    """Share of each class among the labels, or the mean target distribution."""
    rows = kind.label_rows(targets)
    if rows.dim() > 1:
        return rows.double().mean(0)
    counted = rows[rows != kind.ignored_label]
    counts = torch.bincount(counted, minlength=kind.num_classes).double()
    return counts / counts.sum().clamp(min=1)


def entropy(distribution: Tensor) -> Tensor:
    """-sum p log p over the last axis, in nats."""
    return -torch.xlogy(distribution, distribution).sum(-1)


def example_losses(kind: LossKind, outputs: Tensor, targets: Tensor) -> Tensor:
    """One loss a label, unweighted, in the units of the mean loss."""
    if kind.is_classification:
        return _class_losses(kind, kind.class_rows(outputs).double(), kind.label_rows(targets))
    labels = targets.double() if kind.broadcasts else targets.double().reshape(outputs.shape)
    if kind.is_binary:
        return score_losses(kind, _scores(kind, outputs.double()), labels).flatten()
    return number_losses(kind, *torch.broadcast_tensors(outputs.double(), labels)).flatten()


def _class_losses(kind: LossKind, rows: Tensor, labels: Tensor) -> Tensor:
    if labels.is_floating_point():
        labels = labels.double()
        if kind.name == "kl":
            return (torch.xlogy(labels, labels) - labels * rows).sum(-1)
        if kind.name == "nll":
            return -(labels * rows).sum(-1)
        return F.cross_entropy(rows, labels, reduction="none", label_smoothing=kind.smoothing)
    ignored = kind.ignored_label
    if kind.name == "nll":
        return F.nll_loss(rows, labels, reduction="none", ignore_index=ignored)
    losses = F.cross_entropy(rows, labels, reduction="none", ignore_index=ignored, label_smoothing=kind.smoothing)
    gamma = float(dict(kind.settings).get("gamma", FOCUS)) if kind.name == "focal" else 0.0
    return ((1 - (-losses).exp()) ** gamma * losses)[labels != ignored]


def _of_classes(kind: LossKind, outputs: Tensor, targets: Tensor) -> Expected:
    frequencies, rows = class_frequencies(kind, targets), kind.label_rows(targets)
    offset = float(entropy(rows.double()).mean()) if kind.name == "kl" else 0.0  # what no output can take away
    flat = math.log(kind.num_classes) - offset
    smoothed = (1 - kind.smoothing) * frequencies + kind.smoothing / kind.num_classes
    prior = float(entropy(smoothed)) - offset
    predicted = kind.class_rows(outputs).double().mean(0).log_softmax(-1).to(smoothed.device)
    divergence = float((smoothed * -predicted).sum()) - offset - prior
    if prior < flat - BIAS_AGREES_NATS and divergence < BIAS_AGREES_NATS:
        return Expected(prior, flat, "outputs biased to the class frequencies")
    balanced = "balanced " if flat - prior < 0.02 else ""
    return Expected(flat, flat, f"{kind.num_classes} {balanced}classes")
