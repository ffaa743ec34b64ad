"""All of the planned training at the cost of a few updates: the better of the own rate and of a stretched one.

    stretch = max(fewest, planned updates / updates),  the rate times that makes these updates as good as all planned

Source: Goyal et al. 2017, section 2 (a rate k times as high takes the steps of k updates).
"""

from __future__ import annotations

from assay.checks.experiments.own_training import OwnRun, train_own
from assay.checks.experiments.repaired_training import Training
from assay.checks.given.pipeline import Pipeline


def planned_training(planned: float, *, fewest: float = 1.0) -> Training:
    """What stands for the own training beside a repaired one of a few updates.

    Args:
        planned: updates in all.
        fewest: the stretch is no less, so that a rate is not blamed that a few more updates make up for.
    """

    def train(pipeline: Pipeline, *, updates: int, seed: int) -> OwnRun:
        factors = dict.fromkeys((1.0, max(fewest, planned / updates)))
        runs = (train_own(pipeline, updates=updates, seed=seed, rate_factor=factor) for factor in factors)
        return min(runs, key=lambda run: run.best)

    return train
