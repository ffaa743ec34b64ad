"""A copied schedule stepped through the planned training, without training: how long it is, and which rates it gives.

Source: PyTorch documentation, torch.optim.lr_scheduler.
"""

from __future__ import annotations

import math
from typing import Any

from assay.checks.experiments.updates import next_update
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.pipeline import Pipeline
from assay.checks.given.work import step_batches

LONGEST = 200_000
Rates = list[tuple[float, ...]]


def planned_steps(pipeline: Pipeline, interval: str) -> int:
    """How often the schedule steps in the planned training.

    Raises:
        CannotCheckError: the length of the training is not known, or too long to step through.
    """
    if pipeline.epochs is None:
        raise CannotCheckError("the planned length of the training was not given; pass epochs")
    if interval == "epoch":
        return max(1, math.ceil(pipeline.epochs))
    try:
        batches = len(pipeline.train_loader)  # type: ignore[arg-type]
    except TypeError:
        raise CannotCheckError("train_loader has no length") from None
    calls = (
        next_update(pipeline.trial(), pipeline.once(step_batches)).calls if pipeline.training_step is not None else 1
    )
    steps = max(1, round(pipeline.epochs * batches / calls))
    if steps > LONGEST:
        raise CannotCheckError(f"{steps} steps are too many to try; at most {LONGEST} are")
    return steps


def simulate(pipeline: Pipeline, steps: int) -> tuple[Rates, str]:
    """The rates of all groups at each step, and what the schedule said if it refused to go on."""
    trial, own = pipeline.trial(), rates_of(pipeline.optimizer)
    rates: Rates = []
    for _ in range(steps):
        rates.append(rates_of(trial.optimizer))
        try:
            trial.scheduler.step()
        except ValueError as error:
            return rates, str(error)
        if rates_of(pipeline.optimizer) != own:
            raise CannotCheckError("the schedule reaches its optimiser through a closure or a global")
    return rates, ""


def rates_of(optimizer: Any) -> tuple[float, ...]:
    """The rate of each parameter group."""
    return tuple(float(group["lr"]) for group in optimizer.param_groups)
