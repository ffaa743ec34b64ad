"""A known loss times a constant below 1: does the whole planned training lose by it what a few updates reach without?

    own: the better of the own rate, and of the rate that makes these updates as good as all that are planned
    repaired: the own rate divided by the constant and the own decay times it, as the loss without it

Half of a mean, or a weight of 0.1, costs a training a little; a mean divided by the size of the data set costs all of
it. Optimisers that do not care for the size of gradients, as Adam, lose nothing.

Source: Goyal et al. 2017, section 2 (a constant in the loss is one in the learning rate).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from assay.checks.experiments.own_training import train_own
from assay.checks.experiments.planned_length import planned_updates
from assay.checks.experiments.planned_training import planned_training
from assay.checks.experiments.repaired_training import Contrast, contrast
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.pipeline import Pipeline

SHRUNK = 1e-2  # what is nearer to the mean than this is the mean


@dataclass(frozen=True)
class ShrunkLoss:
    """The trainings, and how many updates are planned, in words."""

    contrast: Contrast
    planned_words: str


def shrunk_loss(pipeline: Pipeline) -> ShrunkLoss | None:
    """None unless the constant alone makes all of the planned training decisively worse than a few updates."""
    kind = pipeline.loss_kind
    if kind.name == "unknown" or not 0 < kind.scale < 1 - SHRUNK:
        return None
    try:
        planned, words = planned_updates(pipeline)
    except CannotCheckError:
        return None
    repaired = partial(train_own, rate_factor=1 / kind.scale, decay_factor=kind.scale)
    found = contrast(pipeline, repaired, planned_training(planned))
    return None if found is None or found.updates > planned else ShrunkLoss(found, words)
