"""Are real-valued targets cut to whole numbers in training, while validation keeps their fractions?

    P(no training target has a fraction, if examples were split at random) = C(M, k) / C(N + M, k) <= (M / (N + M))^k

with N training and M validation examples, k of which have a fraction. Only this direction is a fault: whole validation
targets beside mixed or smoothed training targets are usual.

Source: Fisher 1935 (exact tests).
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from assay.checks.given.loader_reading import training_passes, validation_passes
from assay.checks.given.pipeline import Pipeline

CHANCE = 1e-6


@dataclass(frozen=True)
class CutTargets:
    """Training targets, all whole, of how many values; validation targets, and those with a fraction."""

    training: int
    distinct: int
    validation: int
    with_fraction: int


def cut_targets(pipeline: Pipeline) -> CutTargets | None:
    """What shows that a fraction was lost on the way; None where whole targets may be chance, or the loss has classes.

    Raises:
        CannotCheckError: there is no validation loader.
    """
    if not pipeline.loss_kind.is_regression:
        return None
    trained, checked = (passes[0].values for passes in map(pipeline.once, (training_passes, validation_passes)))
    return None if trained is None or checked is None else compare(trained, checked)


def compare(trained: Tensor, checked: Tensor) -> CutTargets | None:
    """One number for each example of either side."""
    fractions = int((checked != checked.round()).sum())
    if not bool((trained == trained.round()).all()):
        return None
    by_chance = (len(checked) / (len(trained) + len(checked))) ** fractions
    found = CutTargets(len(trained), len(trained.unique()), len(checked), fractions)
    return found if by_chance < CHANCE else None
