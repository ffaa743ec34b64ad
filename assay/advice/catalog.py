"""All rules, in the order in which they are read: what broke, what the loss did, and what limits the score.

Of two that ask for opposite changes of the learning rate the earlier one counts.
"""

from __future__ import annotations

from collections.abc import Callable

from assay.advice import (
    answer_jitter,
    diverged,
    gap,
    gradient_norm,
    loss_shape,
    loss_width,
    overfitting,
    unit_activity,
    update_size,
    validation_plateau,
)
from assay.advice.curves import Curves
from assay.finding import Finding, Skipped

Rule = Callable[[Curves], Finding | Skipped]
"""From curves to one statement, with a cause and a fix only where something is to be done; or why there is none."""

RULES: tuple[Rule, ...] = (
    diverged.judge,
    loss_shape.judge,
    update_size.judge,
    gap.judge,
    loss_width.judge,
    overfitting.judge,
    validation_plateau.judge,
    gradient_norm.judge,
    unit_activity.judge,
    answer_jitter.judge,
)
