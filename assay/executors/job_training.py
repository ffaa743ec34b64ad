"""One job trained here: from its checkpoint if an earlier worker or part left one, to the trial it amounts to."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from assay.data.data import Data
from assay.planning import choose_workers
from assay.recipe_toml import recipe_from_toml
from assay.store.queue import Job
from assay.training.live import LiveFile
from assay.training.part import begin_part, part_of, steps_of
from assay.training.train import Training
from assay.trial import Trial, trial_of

CHECKPOINT_SECONDS = 5.0
SAY_SECONDS = 0.2


def train_job(
    job: Job, data: Data, checkpoint: Path, *, halted: Callable[[], bool] = lambda: False,
    live: LiveFile | None = None, checkpoint_seconds: float = CHECKPOINT_SECONDS,
) -> Trial | None:  # fmt: skip
    """Train the job to its end; None if it was halted between two steps, with a checkpoint of all that was trained.

    Args:
        live: where the curve is told to who watches.
    """
    recipe, part = recipe_from_toml(job.recipe, where=job.key), part_of(job.key)
    training = begin_part(recipe, data, part, seed=job.seed, device=job.device, workers=choose_workers(data),
                          checkpoint=checkpoint, checkpoint_seconds=checkpoint_seconds)  # fmt: skip
    said = 0.0
    for _ in steps_of(training, part):
        if halted():
            training.save()
            return None
        if time.perf_counter() - said > SAY_SECONDS:
            said = time.perf_counter()
            _tell(live, job, training)
    if part.until < 1:
        training.save()
    run = training.finish()
    _tell(live, job, training, done=True)
    return trial_of(run, part)


def _tell(live: LiveFile | None, job: Job, training: Training, *, done: bool = False) -> None:
    if live is not None:
        live.grow(f"trial-{job.key}", training.history, training.total_steps, stage=job.stage, text=job.text,
                  metric=training.data.specification.metric, done=done)  # fmt: skip
