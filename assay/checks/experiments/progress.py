"""How far a short training goes, from where nothing is learned to the lowest loss that there is.

    progress = (reference - lowest loss) / (reference - floor)
    reference = the lower of the loss before training and that of the best constant output

Source: Goodfellow et al. 2016, section 11.4.1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from assay.checks.experiments.loss_floor import blind_floor_of, floor_of
from assay.checks.experiments.own_training import OwnRun, material, own_run
from assay.checks.given.pipeline import CannotCheckError, Pipeline

NOWHERE, DECISIVE = 0.05, 0.3


@dataclass(frozen=True)
class Scale:
    """From the loss before which nothing is learned to the lowest that there is."""

    reference: float
    floor: float

    def progress(self, run: OwnRun) -> float:
        gap = max(self.reference - self.floor, 1e-12)
        return (self.reference - run.best) / gap if math.isfinite(run.best) else -math.inf


def scale_of_progress(pipeline: Pipeline) -> Scale:
    """What nothing and everything learned are worth on the examples of the short trainings.

    Raises:
        CannotCheckError: the floor of the loss is not known, or there is nothing to learn.
    """
    if not (pipeline.loss_kind.has_floor or pipeline.loss_kind.is_regression):
        raise CannotCheckError("how low this loss can go is not known, so progress cannot be told from noise")
    trained = pipeline.once(material).trained
    floor, start = floor_of(pipeline, trained), pipeline.once(own_run).losses[0]
    reference = min(start, blind_floor_of(pipeline, trained))
    if not reference - floor > 1e-3 * max(abs(reference), 1e-6):
        raise CannotCheckError("the loss starts at its floor")
    return Scale(reference, floor)
