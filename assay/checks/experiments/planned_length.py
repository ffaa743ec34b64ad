"""How many updates a training plans, as far as that is told."""

from __future__ import annotations

from assay.checks.experiments.schedule_run import planned_steps
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.pipeline import Pipeline

ASSUMED_EPOCHS = 300
"""Where the length is not told: no more is planned for a rate that should get somewhere at all."""


def planned_updates(pipeline: Pipeline) -> tuple[float, str]:
    """How many updates are planned, and how that is known, in words.

    Raises:
        CannotCheckError: neither the epochs nor the loader's length are known.
    """
    try:
        if pipeline.epochs is not None:
            steps = planned_steps(pipeline, "step")
            return steps, f"in the planned {steps} updates"
        batches = len(pipeline.train_loader)  # type: ignore[arg-type]
    except (TypeError, CannotCheckError):
        raise CannotCheckError("no progress at this rate, and the planned length is not known; pass epochs") from None
    return ASSUMED_EPOCHS * batches, f"in {ASSUMED_EPOCHS} epochs (pass epochs if more are planned)"
