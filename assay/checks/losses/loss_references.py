"""What each known loss returns, written once: the formulas that a stranger's loss is compared with.

    focal, classes:  (1 - p_y)^gamma * -log p_y
    focal, binary:   alpha_t * (1 - p_t)^gamma * -log p_t, alpha_t = alpha for targets of 1 and 1 - alpha for 0
    Huber:           d^2 / 2 for |d| <= delta, delta * (|d| - delta / 2) beyond; SmoothL1 is Huber / delta

Source: Lin et al. 2017, equations 4-5 (arXiv:1708.02002); Huber 1964; documentation of torch.nn.functional.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import torch
import torch.nn.functional as F
from torch import Tensor

Name = Literal[
    "cross_entropy", "nll", "kl", "focal", "binary_logits", "binary", "binary_focal",
    "squared", "absolute", "huber", "unknown",
]  # fmt: skip
Hints = Mapping[str, Any]
"""What a loss says of itself: weight, pos_weight, ignore_index, gamma, alpha, delta, beta."""

FOCUS = 2.0  # gamma of Lin et al. 2017
OTHER_FOCUS = (1.0, 0.5, 1.5, 3.0, 5.0)


def probabilities_first(outputs: Tensor) -> Tensor:
    """A distribution over the classes, of the second axis."""
    return outputs.softmax(1 if outputs.dim() > 1 else 0)


@dataclass(frozen=True)
class Reference:
    """One loss: its `value` of outputs and targets, and outputs that belong to it, made of normal draws."""

    name: Name
    value: Callable[[Tensor, Tensor, Hints], Tensor]
    draw: Callable[[Tensor], Tensor] = lambda drawn: drawn
    stretched: bool = False
    settings: tuple[tuple[str, Any], ...] = ()


def nll(outputs: Tensor, labels: Tensor, hints: Hints) -> Tensor:
    """-sum(targets * outputs), for outputs that are log-probabilities."""
    if labels.is_floating_point():
        return -(labels * outputs).sum(1 if outputs.dim() > 1 else 0).mean()
    return F.nll_loss(outputs, labels, weight=hints.get("weight"), ignore_index=hints.get("ignore_index", -100))


def kl(outputs: Tensor, targets: Tensor, hints: Hints) -> Tensor:
    """sum(targets * (log targets - outputs)), for outputs that are log-probabilities."""
    return F.kl_div(outputs, targets, reduction="batchmean")


def focal(outputs: Tensor, labels: Tensor, hints: Hints) -> Tensor:
    """Cross entropy that looks away from what is right already."""
    ignored = hints.get("ignore_index", -100)
    log_likelihood = -F.cross_entropy(outputs, labels, reduction="none", ignore_index=ignored)
    terms = (1 - log_likelihood.exp()) ** hints.get("gamma", FOCUS) * -log_likelihood
    return terms[labels != ignored].mean()


def binary_logits(outputs: Tensor, labels: Tensor, hints: Hints) -> Tensor:
    """Binary cross entropy of raw scores."""
    weights = {name: hints[name] for name in ("weight", "pos_weight") if name in hints}
    return F.binary_cross_entropy_with_logits(outputs, labels.to(outputs.dtype).reshape(outputs.shape), **weights)


def binary_focal(outputs: Tensor, labels: Tensor, hints: Hints) -> Tensor:
    """Binary cross entropy that looks away from what is right already."""
    return binary_focal_terms(outputs, labels.to(outputs.dtype).reshape(outputs.shape), hints).mean()


def binary_focal_terms(outputs: Tensor, labels: Tensor, hints: Hints) -> Tensor:
    """One value an output; without `alpha` both kinds of target weigh 1."""
    entropy = F.binary_cross_entropy_with_logits(outputs, labels, reduction="none")
    right = labels * outputs.sigmoid() + (1 - labels) * (1 - outputs.sigmoid())
    alpha = hints.get("alpha")
    weight = 1.0 if alpha is None else alpha * labels + (1 - alpha) * (1 - labels)
    return weight * (1 - right) ** hints.get("gamma", FOCUS) * entropy


def binary(outputs: Tensor, labels: Tensor, hints: Hints) -> Tensor:
    """Binary cross entropy of probabilities."""
    return F.binary_cross_entropy(outputs, labels.to(outputs.dtype).reshape(outputs.shape))


def squared(outputs: Tensor, targets: Tensor, hints: Hints) -> Tensor:
    """Mean squared error of outputs and targets of one shape."""
    return F.mse_loss(outputs, targets.to(outputs.dtype).reshape(outputs.shape))


def absolute(outputs: Tensor, targets: Tensor, hints: Hints) -> Tensor:
    """Mean absolute error of outputs and targets of one shape."""
    return F.l1_loss(outputs, targets.to(outputs.dtype).reshape(outputs.shape))


def huber(outputs: Tensor, targets: Tensor, hints: Hints) -> Tensor:
    """Squared near the target, absolute far from it."""
    delta = float(hints.get("delta", hints.get("beta", 1.0))) or 1.0
    return F.huber_loss(outputs, targets.to(outputs.dtype).reshape(outputs.shape), delta=delta)


def _stretch(value: Callable[[Tensor, Tensor, Hints], Tensor]) -> Callable[[Tensor, Tensor, Hints], Tensor]:
    def stretched(outputs: Tensor, targets: Tensor, hints: Hints) -> Tensor:
        wide, tall = torch.broadcast_tensors(outputs, targets.to(outputs.dtype))
        return value(wide, tall, hints)

    return stretched


def _wide(drawn: Tensor) -> Tensor:
    return 3 * drawn  # beyond the bend of Huber's loss as well


def _focal_settings() -> tuple[Reference, ...]:
    classes = (Reference("focal", focal, settings=(("gamma", gamma),)) for gamma in OTHER_FOCUS)
    binaries = (
        Reference("binary_focal", binary_focal, settings=(("gamma", gamma), ("alpha", alpha)))
        for gamma in (FOCUS, *OTHER_FOCUS)
        for alpha in (None, 0.25, 0.75)
    )
    return (*classes, *binaries)


REFERENCES: tuple[Reference, ...] = (
    Reference("nll", nll),
    Reference("kl", kl, lambda drawn: probabilities_first(drawn).log()),
    Reference("binary_logits", binary_logits),
    Reference("squared", squared, _wide),
    Reference("absolute", absolute, _wide),
    Reference("huber", huber, _wide),
    Reference("squared", _stretch(squared), _wide, stretched=True),
    Reference("absolute", _stretch(absolute), _wide, stretched=True),
    Reference("huber", _stretch(huber), _wide, stretched=True),
    Reference("binary", binary, torch.sigmoid),
    Reference("focal", focal),
    Reference("binary_focal", binary_focal),
    *_focal_settings(),
)
