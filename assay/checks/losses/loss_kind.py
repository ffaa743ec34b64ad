"""What is known of a loss: its name, its settings, and how it reads outputs and targets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from torch import Tensor

from assay.checks.losses.loss_references import Name


@dataclass(frozen=True)
class LossKind:
    """`value = scale * mean loss`, with what is needed to know its expected values.

    Args:
        class_axis: axis of the outputs that holds the classes, 1 or -1.
        smoothing: label smoothing, 0 for none.
        scale: 1 for a mean over examples, their number for a sum.
        broadcasts: outputs and targets of different shape are stretched to each other.
        shift: outputs at place t are compared with targets at t + shift, inside the loss.
        settings: gamma, alpha, delta and the like, as far as they are known.
    """

    name: Name
    num_classes: int = 0
    class_axis: int = 1
    smoothing: float = 0.0
    scale: float = 1.0
    ignored_label: int = -100
    weights: Tensor | None = None
    broadcasts: bool = False
    shift: int = 0
    settings: tuple[tuple[str, Any], ...] = ()

    @property
    def is_classification(self) -> bool:
        return self.name in ("cross_entropy", "nll", "kl", "focal")

    @property
    def is_binary(self) -> bool:
        return self.name in ("binary_logits", "binary", "binary_focal")

    @property
    def is_regression(self) -> bool:
        return self.name in ("squared", "absolute", "huber")

    @property
    def has_floor(self) -> bool:
        """Whether the lowest loss can be told; an unknown loss may have none."""
        return self.name in ("cross_entropy", "nll", "kl", "focal", "squared") or self.is_binary

    def class_rows(self, outputs: Tensor) -> Tensor:
        """Outputs as (rows, classes), one row a label."""
        rows = outputs.movedim(self.class_axis, -1)
        return (rows[:, : rows.shape[1] - self.shift] if self.shift else rows).flatten(0, -2)

    def label_rows(self, targets: Tensor) -> Tensor:
        """Targets as class indices (rows,) or distributions (rows, classes)."""
        if targets.is_floating_point():
            return self.class_rows(targets)
        return (targets[:, self.shift :] if self.shift else targets).flatten()
