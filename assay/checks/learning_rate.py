"""Learning rate: the user's own optimiser must get somewhere at its own rate, if it does at another.

    progress = (reference - lowest loss) / (reference - floor)
    reference = the lower of the loss before training and that of the best constant output

Copies are trained for a few updates by the user's own step at its peak rate, after a ramp where the schedule warms up.
Only if that gets nowhere are other rates tried, from several seeds. Too high: a tenth or less of the rate learns. Too
low: ten times the rate and the planned length together get nowhere, and a higher rate learns in these few updates;
for small rates, k times the rate for one k-th of the updates goes as far. An epsilon of Adam's that is larger than all
gradients makes the rate small too. Where the loss has no floor that is known, or one that is far off, the training must
stand still beside that at a higher rate.

Source: Goodfellow et al. 2016, section 11.4.1; Smith 2018 (arXiv:1803.09820), the learning rate range test.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from assay.checks.experiments.own_step import judged_by_loss
from assay.checks.experiments.own_training import OwnRun, material, own_run, peak_rates, train_own
from assay.checks.experiments.planned_length import planned_updates
from assay.checks.experiments.progress import DECISIVE, NOWHERE, Scale, scale_of_progress
from assay.checks.experiments.raised_rate import HIGHER, Raised, raised_rate
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.pipeline import CheckResult, Pipeline, asks_for_closure
from assay.checks.given.work import is_light
from assay.figure import Lines, Series
from assay.finding import Finding

SOURCE = "Goodfellow et al. 2016, section 11.4.1; Smith 2018 (arXiv:1803.09820)"
SEEDS, LONGER = 3, 3
LOWER = (0.1, 0.01, 1e-3, 1e-4)


def check(pipeline: Pipeline) -> CheckResult:
    """Train at the own rate; where that gets nowhere, look for a rate that does."""
    if asks_for_closure(pipeline.optimizer):
        raise CannotCheckError("this optimiser searches along each step by itself, and its rate says little")
    rates, _ = pipeline.once(peak_rates)
    if not any(rates):
        raise CannotCheckError("the learning rate is 0; see parameters_trained and learning_rate_schedule")
    own = pipeline.once(own_run)
    try:
        scale = pipeline.once(scale_of_progress)
    except CannotCheckError:
        raised = raised_rate(pipeline)
        if raised is None:
            raise
        return [_stands_still(raised, max(rates))]
    if scale.progress(own) >= NOWHERE:
        return [_note(own, scale, max(rates), "The learning rate makes progress")]
    if not pipeline.once(judged_by_loss):
        raise CannotCheckError("the training step minimises something else than loss_fn, which cannot judge it")
    if not is_light(pipeline) and math.isfinite(own.best):  # few updates on few examples overshoot and come back
        return [_note(own, scale, max(rates), "Not decided: no progress yet, in few updates of a large network")]
    found = _too_high(pipeline, scale, max(rates)) or _too_low(pipeline, scale, max(rates))
    raised = raised_rate(pipeline) if found is None else None
    return [_stands_still(raised, max(rates)) if raised else found or _undecided(own, scale, rates)]


def _runs(pipeline: Pipeline, factor: float, *, longer: int = 1) -> list[OwnRun]:
    updates = pipeline.once(material).updates * longer
    return [train_own(pipeline, rate_factor=factor, updates=updates, seed=seed, points=12) for seed in range(SEEDS)]


def _first_that_learns(pipeline: Pipeline, scale: Scale, factors: Sequence[float]) -> tuple[float, list[OwnRun]] | None:
    """The nearest factor at which every seed makes decisive progress."""
    for factor in factors:
        if scale.progress(train_own(pipeline, rate_factor=factor)) < DECISIVE:
            continue
        runs = _runs(pipeline, factor)
        if all(scale.progress(run) >= DECISIVE for run in runs):
            return factor, runs
    return None


def _too_high(pipeline: Pipeline, scale: Scale, rate: float) -> Finding | None:
    better = _first_that_learns(pipeline, scale, LOWER)
    if better is None:
        return None
    own = _runs(pipeline, 1.0, longer=LONGER)
    if any(scale.progress(run) >= NOWHERE for run in own):
        return None
    return _alert(rate, scale, own, better, "high", f"in {own[0].updates[-1]} updates")


def _too_low(pipeline: Pipeline, scale: Scale, rate: float) -> Finding | None:
    planned, told = planned_updates(pipeline)
    stretch = max(10.0, planned / pipeline.once(material).updates)
    better = _first_that_learns(pipeline, scale, [factor for factor in HIGHER if factor > stretch])
    if better is None:
        return None
    own = _runs(pipeline, stretch)
    if any(scale.progress(run) >= NOWHERE for run in own):
        return None
    return _alert(rate, scale, own, better, "low", f"{told}, tried as {stretch:.3g} times the rate for fewer updates")


def _evidence(own: OwnRun, scale: Scale, rate: float) -> dict[str, Any]:
    return {
        "learning_rate": rate, "updates": own.updates[-1], "start": own.losses[0], "best": own.best,
        "reference": scale.reference, "floor": scale.floor, "progress": scale.progress(own),
    }  # fmt: skip


def _note(own: OwnRun, scale: Scale, rate: float, words: str) -> Finding:
    evidence = _evidence(own, scale, rate)
    text = f"{words}: loss from {own.losses[0]:.3g} to {own.best:.3g} "
    text += f"in {own.updates[-1]} updates at {rate:.3g} (own step)."
    figures = (_figure([("own rate", own)]),)
    return Finding("learning_rate", "note", text, evidence, source=SOURCE, figures=figures)


def _undecided(own: OwnRun, scale: Scale, rates: Sequence[float]) -> Finding:
    words = "Not decided: no progress in a short training, and no other rate proved better in all that is planned"
    return _note(own, scale, max(rates), words)


def _alert(
    rate: float, scale: Scale, own: list[OwnRun], better: tuple[float, list[OwnRun]], word: str, where: str
) -> Finding:
    factor, runs = better
    best, other = min(run.best for run in own), max(run.best for run in runs)
    text = (
        f"The learning rate {rate:.3g} is too {word}: it gets nowhere {where} (loss from {own[0].losses[0]:.3g} to "
        f"{best:.3g} at best of {SEEDS} seeds, best constant output {scale.reference:.3g}), while {rate * factor:.3g} "
        f"reaches {other:.3g} or less in {runs[0].updates[-1]} updates for every seed."
    )
    evidence = _evidence(own[0], scale, rate) | {"better_rate": rate * factor, "better_best": [r.best for r in runs]}
    causes = {
        "high": "Each update overshoots: the loss diverges, or units are driven to where they have no gradient.",
        "low": "The weights hardly move in all of the planned training.",
    }
    return Finding(
        "learning_rate",
        "suspect",
        text,
        {**evidence, "factor": factor},
        causes[word],
        f"Set the learning rate near {rate * factor:.3g}; a range test finds the best.",
        SOURCE,
        (_figure([("own rate", own[0]), (f"{factor:g} times the rate", runs[0])]),),
    )


def _stands_still(raised: Raised, rate: float) -> Finding:
    if raised.epsilon is None:
        better, cause = f"at {rate * raised.factor:.3g}", "The weights hardly move in all of the planned training."
        fix = f"Set the learning rate near {rate * raised.factor:.3g}; a range test finds the best."
    else:
        better, cause = f"with an epsilon of {raised.epsilon:.3g}", "Epsilon is far above the size of the gradients, "
        cause += "so that it divides the rate instead of them."
        fix = f"Leave eps at its default, {raised.epsilon:.3g}."
    return Finding(
        "learning_rate",
        "suspect",
        f"The training stands still at the rate {rate:.3g} {raised.planned_words}, tried as {raised.stretch:.3g} times "
        f"the rate for fewer updates too, and learns better: {raised.contrast.told(better)}.",
        {"learning_rate": rate, "factor": raised.factor, "epsilon": raised.epsilon, "own": raised.contrast.own,
         "updates": raised.contrast.updates},
        cause,
        fix,
        SOURCE,
    )  # fmt: skip


def _figure(runs: Sequence[tuple[str, OwnRun]]) -> Lines:
    series = tuple(Series(name, tuple(map(float, run.updates)), run.losses) for name, run in runs)
    return Lines("Short trainings by the own step", "update", "loss", series)
