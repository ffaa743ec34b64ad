"""Learning rate schedule: the rate must not be gone before the training is.

The schedule of a copy is stepped through the planned training, without training: epochs x batches steps, or one step
an epoch. A rate under 1/1000 of its peak for most of it means a schedule made for another length, or counted in other
units. One-cycle and cosine schedules come near 0 only at their end and are healthy, as is warm-up from 0.

A training step may lower the rate itself. Where it multiplies it by one and the same factor at each of 8 calls,

    rate = first * factor ** calls,    gone after log(1e-3) / log(factor) calls

Source: Smith and Topin 2018 (arXiv:1708.07120), sections 3 and 4; PyTorch documentation, torch.optim.lr_scheduler.
"""

from __future__ import annotations

import math
from typing import Any

from torch.optim.lr_scheduler import ReduceLROnPlateau

from assay.checks.experiments.schedule_run import Rates, planned_steps, rates_of, simulate
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.pipeline import CheckResult, Pipeline
from assay.checks.given.work import step_batches
from assay.figure import Lines, Series
from assay.finding import Finding

SOURCE = "PyTorch documentation, torch.optim.lr_scheduler"
GONE, MOST = 1e-3, 0.5
HARDLY, ENDS, JUST = 0.8, 5e-3, 0.05
POINTS = 200
CALLS, SAME_FACTOR = 8, 1e-6


def check(pipeline: Pipeline) -> CheckResult:
    """Step the copied schedule through the whole training and follow the rate of each parameter group."""
    shrinking = _shrinks_itself(pipeline)
    if shrinking is not None:
        return [shrinking]
    if pipeline.scheduler is None:
        raise CannotCheckError("no scheduler was given")
    if getattr(pipeline.scheduler, "optimizer", pipeline.optimizer) is not pipeline.optimizer:
        return [_other_optimizer()]
    if isinstance(pipeline.scheduler, ReduceLROnPlateau):
        raise CannotCheckError("this schedule depends on measured losses")
    steps = planned_steps(pipeline, pipeline.scheduler_interval)
    rates, refusal = simulate(pipeline, steps)
    if refusal:
        return [_ends_early(pipeline, len(rates), steps, refusal)]
    share = gone_share(rates)
    evidence = {"steps": steps, "interval": pipeline.scheduler_interval, "share_gone": share, **_summary(rates)}
    figures = (_figure(rates, pipeline.scheduler_interval),)
    told = f"from {evidence['first']:.3g} over {evidence['peak']:.3g} to {evidence['last']:.3g}"
    told += f" in {steps} steps of the schedule (one each {_unit(pipeline)})"
    if share <= MOST and pipeline.scheduler_interval == "epoch" and _counts_updates(pipeline, rates):
        return [_counted_in_updates(told, evidence, figures)]
    if share <= MOST:
        text = f"The learning rate goes {told}."
        return [Finding("learning_rate_schedule", "note", text, evidence, source=SOURCE, figures=figures)]
    return [_alert(pipeline, told, evidence, figures)]


def _shrinks_itself(pipeline: Pipeline) -> Finding | None:
    """A step that takes the same share of the rate away at each call, so fast that it is gone for most of the training.

    Without a planned length, one epoch is the least that is trained.
    """
    if pipeline.training_step is None:
        return None
    try:
        factor = pipeline.once(_factor_of_step)
        calls = (pipeline.epochs or 1.0) * len(pipeline.train_loader)  # type: ignore[arg-type]
    except (TypeError, CannotCheckError):  # a loader without length, or a step that does not keep to its copy
        return None
    if not 0.0 < factor < 1.0:
        return None
    lasts = math.log(GONE) / math.log(factor)
    if lasts >= (1.0 - MOST) * calls:
        return None
    rate = max(float(group["lr"]) for group in pipeline.optimizer.param_groups)
    return Finding(
        "learning_rate_schedule",
        "suspect",
        f"training_step multiplies the learning rate by {factor:.3g} at every call: from {rate:.3g} it is under 1/1000 "
        f"after {math.ceil(lasts)} of {calls:.0f} calls.",
        {"factor": factor, "calls": calls, "gone_after": lasts, "tried": CALLS},
        cause="A decay meant for each epoch is made at every batch.",
        fix="Lower the rate once an epoch, outside the step, or give a schedule of torch.optim.lr_scheduler.",
        source=SOURCE,
    )


def _factor_of_step(pipeline: Pipeline) -> float:
    """What each call of the step, alone, multiplies every group's rate by; 1 where it does anything else."""
    trial, batches = pipeline.trial(), pipeline.once(step_batches)
    trial.scheduler, factors = None, []
    for call in range(CALLS):
        before = rates_of(trial.optimizer)
        trial.step(batches[call % len(batches)])
        pairs = [(old, new) for old, new in zip(before, rates_of(trial.optimizer), strict=True) if old > 0.0]
        factors += [new / old for old, new in pairs]
        if not factors or abs(factors[-1] - 1.0) < SAME_FACTOR:
            return 1.0
    return factors[0] if max(factors) - min(factors) < SAME_FACTOR else 1.0


def gone_share(rates: Rates) -> float:
    """Share of the steps at which every group's rate is 0 or under 1/1000 of its peak."""
    peaks = [max(group) for group in zip(*rates, strict=True)]
    gone = [all(rate < GONE * peak or rate == 0.0 for rate, peak in zip(row, peaks, strict=True)) for row in rates]
    return sum(gone) / len(gone)


def _counts_updates(pipeline: Pipeline, by_epoch: Rates) -> bool:
    """Whether the schedule hardly moves when stepped by epochs, and ends at 0 just with the training by updates."""
    first, peak, last = _summary(by_epoch).values()
    if first != peak or last < HARDLY * peak or len(by_epoch) < 2:
        return False
    try:
        by_update, refusal = simulate(pipeline, planned_steps(pipeline, "step"))
    except CannotCheckError:
        return False
    if refusal or len(by_update) <= len(by_epoch):
        return False
    ends = _summary(by_update)
    return ends["last"] < ENDS * ends["peak"] and gone_share(by_update) < JUST


def _summary(rates: Rates) -> dict[str, float]:
    """First, highest and last rate of the group that trains fastest."""
    group = max(zip(*rates, strict=True), key=max)
    return {"first": group[0], "peak": max(group), "last": group[-1]}


def _unit(pipeline: Pipeline) -> str:
    return "update" if pipeline.scheduler_interval == "step" else "epoch"


def _alert(pipeline: Pipeline, told: str, evidence: dict[str, Any], figures: tuple[Lines, ...]) -> Finding:
    never = evidence["peak"] == 0.0
    cause = "The schedule is made for a shorter training, or counted in epochs and stepped at every update."
    fix = "Give the schedule the length of this training in the units in which it is stepped."
    if pipeline.scheduler_interval == "step":
        by_epoch, refusal = simulate(pipeline, planned_steps(pipeline, "epoch"))
        if not refusal and gone_share(by_epoch) <= MOST:
            cause = "The schedule is counted in epochs and stepped at every update; stepped once an epoch it keeps on."
            fix = (
                "Call scheduler.step() once an epoch, or multiply its lengths by the batches of an epoch; if your loop "
                "does step it by epochs, say scheduler_interval='epoch'."
            )
    text = "The learning rate is 0 throughout" if never else "The learning rate is gone for most of the training"
    return Finding(
        "learning_rate_schedule",
        "proved" if never else "suspect",
        f"{text}: for {evidence['share_gone']:.0%} of it the rate is under 1/1000 of its peak or 0; it goes {told}.",
        evidence,
        cause,
        fix,
        SOURCE,
        figures,
    )


def _counted_in_updates(told: str, evidence: dict[str, Any], figures: tuple[Lines, ...]) -> Finding:
    return Finding(
        "learning_rate_schedule",
        "suspect",
        f"The learning rate hardly moves: it goes {told}; stepped at every update it would end at 0.",
        evidence,
        cause="The schedule is counted in updates and stepped once an epoch.",
        fix="Call scheduler.step() after every optimizer.step(), or divide its length by the batches of an epoch.",
        source=SOURCE,
        figures=figures,
    )


def _ends_early(pipeline: Pipeline, made: int, steps: int, refusal: str) -> Finding:
    return Finding(
        "learning_rate_schedule",
        "proved",
        f"The schedule ends before the training: step {made} of {steps} (one each {_unit(pipeline)}) "
        f"is refused: {refusal}",
        {"steps": steps, "made": made, "interval": pipeline.scheduler_interval},
        cause="The schedule is made for a shorter training, or counted in epochs and stepped at every update.",
        fix="Make it for epochs x len(train_loader) steps, or step it (and say scheduler_interval) as it counts.",
        source=SOURCE,
    )


def _other_optimizer() -> Finding:
    return Finding(
        "learning_rate_schedule",
        "proved",
        "The schedule belongs to another optimiser: stepping it changes no rate of the one that trains.",
        cause="The optimiser was made anew after the schedule.",
        fix="Make the schedule last, from the optimiser that trains.",
        source=SOURCE,
    )


def _figure(rates: Rates, interval: str) -> Lines:
    stride = max(1, len(rates) // POINTS)
    places = tuple(float(step) for step in range(0, len(rates), stride))
    groups = zip(*rates[::stride], strict=True)
    curves = tuple(Series(f"group {number}", places, tuple(group)) for number, group in enumerate(groups))
    return Lines("Learning rate over the planned training", interval, "learning rate", curves[:8])
