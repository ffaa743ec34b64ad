"""What losses must be where theory says so: at flat outputs, at the class frequencies, at their floor."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from assay.checks.loss_kind import LossKind

BIAS_AGREES_NATS = 0.1


@dataclass(frozen=True)
class Expected:
    """`value` for the network as it is, `flat` for outputs that say nothing, `reason` in words."""

    value: float
    flat: float
    reason: str


def expected_loss(kind: LossKind, outputs: Tensor, targets: Tensor) -> Expected:
    """The loss to expect before training, for the recognised loss and these targets."""
    if kind.is_classification:
        return _of_classes(kind, outputs, targets)
    if kind.name == "binary_logits":
        rates = targets.double().flatten(1).mean(0) if targets.dim() > 1 else targets.double().mean().reshape(1)
        prior = float(_binary_entropy(rates).mean())
        biases = torch.sigmoid(outputs.double().flatten(1).mean(0)) if outputs.dim() > 1 else rates * 0 + 0.5
        agrees = biases.shape == rates.shape and float((biases - rates).abs().max()) < 0.05
        if agrees and prior < math.log(2.0) - BIAS_AGREES_NATS:
            return Expected(prior, math.log(2.0), "the rates of the targets")
        return Expected(math.log(2.0), math.log(2.0), "flat binary outputs")
    centre, rows = outputs.double().mean(0, keepdim=True), targets.double().reshape(outputs.shape)
    value = float((rows - centre).square().mean())
    return Expected(value, min(value, float(rows.square().mean())), "a constant output at the mean of the initial ones")


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
        rows = kind.class_rows(outputs).double()
        labels = kind.label_rows(targets)
        labels = labels.double() if labels.is_floating_point() else labels
        ignored = -100 if labels.is_floating_point() else kind.ignored_label
        if kind.name == "nll":
            return F.nll_loss(rows, labels, reduction="none", ignore_index=ignored)
        return F.cross_entropy(rows, labels, reduction="none", ignore_index=ignored, label_smoothing=kind.smoothing)
    labels = targets.double() if kind.broadcasts else targets.double().reshape(outputs.shape)
    if kind.name == "binary_logits":
        return F.binary_cross_entropy_with_logits(outputs.double(), labels, reduction="none").flatten()
    return (outputs.double() - labels).square().flatten()


def _of_classes(kind: LossKind, outputs: Tensor, targets: Tensor) -> Expected:
    flat, frequencies = math.log(kind.num_classes), class_frequencies(kind, targets)
    smoothed = (1 - kind.smoothing) * frequencies + kind.smoothing / kind.num_classes
    prior = float(entropy(smoothed))
    predicted = kind.class_rows(outputs).double().mean(0).log_softmax(-1).to(smoothed.device)
    divergence = float((smoothed * -predicted).sum()) - prior
    if prior < flat - BIAS_AGREES_NATS and divergence < BIAS_AGREES_NATS:
        return Expected(prior, flat, "outputs biased to the class frequencies")
    balanced = "balanced " if flat - prior < 0.02 else ""
    return Expected(flat, flat, f"{kind.num_classes} {balanced}classes")


def _binary_entropy(rates: Tensor) -> Tensor:
    return entropy(torch.stack([rates, 1 - rates], -1))
