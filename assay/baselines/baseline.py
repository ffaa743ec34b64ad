"""A baseline: what a predictor of no ambition reaches, so that a model's score means something."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Baseline:
    """The score of one simple predictor, fitted on train.

    metric: `accuracy` or `r2`.
    low, high: 95 % interval over the n examples it was measured on.
    seconds: fitting and predicting together.
    trained_on: examples it was fitted on, which may be a sample of the training split.
    remark: what a reader must know to judge it (the chosen k, an optimiser that did not converge).
    """

    name: str
    metric: str
    value: float
    low: float
    high: float
    n: int
    seconds: float
    trained_on: int = 0
    remark: str = ""
