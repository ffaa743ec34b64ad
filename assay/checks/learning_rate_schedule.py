"""Learning rate schedule: the rate must not be gone before the training is.

The schedule of a copy is stepped through the planned training, without training: epochs x batches steps, or one step
an epoch. A rate under 1/1000 of its peak for most of it means a schedule made for another length, or counted in other
units. One-cycle and cosine schedules come near 0 only at their end and are healthy, as is warm-up from 0.

Source: Smith and Topin 2018 (arXiv:1708.07120), sections 3 and 4; PyTorch documentation, torch.optim.lr_scheduler.
"""

from __future__ import annotations

from typing import Any

from torch.optim.lr_scheduler import ReduceLROnPlateau

from assay.checks.experiments.schedule_run import Rates, planned_steps, simulate
from assay.checks.given.pipeline import CannotCheckError, CheckResult, Pipeline
from assay.figure import Lines, Series
from assay.finding import Finding

SOURCE = "PyTorch documentation, torch.optim.lr_scheduler"
GONE, MOST = 1e-3, 0.5
HARDLY, ENDS, JUST = 0.8, 5e-3, 0.05
POINTS = 200


def check(pipeline: Pipeline) -> CheckResult:
    """Step the copied schedule through the whole training and follow the rate of each parameter group."""
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
