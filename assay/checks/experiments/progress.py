"""How far a loss lies on the way from where nothing is learned to the lowest that there is.

    share = (reference - loss) / (reference - floor)
    reference: the loss of the best constant output; for the progress of a short training no more than its first loss

Source: Goodfellow et al. 2016, section 11.4.1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from assay.checks.experiments.loss_floor import blind_floor_of, floor_of
from assay.checks.experiments.own_training import OwnRun, material, own_run
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.pipeline import Pipeline

NOWHERE, DECISIVE = 0.05, 0.3


@dataclass(frozen=True)
class Scale:
    """From the loss before which nothing is learned to the lowest that there is."""

    reference: float
    floor: float

    @property
    def gap(self) -> float:
        return self.reference - self.floor

    def share(self, loss: float) -> float:
        """0 for nothing learned, 1 at the floor; negative where the loss is worse than the reference."""
        return (self.reference - loss) / max(self.gap, 1e-12) if math.isfinite(loss) else -math.inf

    def progress(self, run: OwnRun) -> float:
        """The share of the way that a training makes on the examples it is trained on."""
        return self.share(run.best)


def scale_of_constant(pipeline: Pipeline, batch: Any) -> Scale:
    """From the loss of the best constant output on these examples to the floor of their loss.

    Raises:
        CannotCheckError: the floor is not known, or a constant output reaches it.
    """
    scale = Scale(blind_floor_of(pipeline, batch), floor_of(pipeline, batch))
    if scale.gap <= 1e-6 * abs(scale.reference):
        raise CannotCheckError("the best constant output is at the floor of the loss: a constant is as good as any")
    return scale


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


def held_scale(pipeline: Pipeline) -> Scale:
    """Between what a constant and what knowledge reach on the held examples."""
    return scale_of_constant(pipeline, pipeline.once(material).held)
