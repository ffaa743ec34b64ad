"""Capacity lowers the loss: a network has at least the capacity of a linear model on its inputs.

    left = (lowest loss - floor) / (loss of the best constant output - floor),  0 fits all, 1 nothing

Where a linear model fits the examples and also tells unseen ones better, while the network stands still far from both,
at every rate and with patience, the network is too small or squeezes its inputs through too few numbers. A network that
still improves, or memorises, or a task that no linear model fits, says nothing against it.

A single unit that everything passes through is looked for by itself: with a shortcut around it, the same training must
not go decisively farther.

Source: Karpathy 2019, A Recipe for Training Neural Networks ("verify decreasing training loss").
"""

from __future__ import annotations

import math
from typing import Any

from assay.checks.experiments.linear_probe import linear_probe
from assay.checks.experiments.own_training import OwnRun, material, own_run, train_own
from assay.checks.experiments.progress import Scale, held_scale, scale_of_progress
from assay.checks.experiments.repaired_training import Contrast
from assay.checks.experiments.single_unit import single_unit
from assay.checks.given.batches import count_examples
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.pipeline import CheckResult, Pipeline
from assay.checks.given.work import is_light
from assay.figure import Bars
from assay.finding import Finding

SOURCE = "Karpathy 2019, A Recipe for Training Neural Networks"
FITS, FAILS, STANDS_STILL = 0.15, 0.5, 0.03
RATES, PATIENCE = (3e-3, 3e-2, 3e-4), 6


def check(pipeline: Pipeline) -> CheckResult:
    """Fit the examples of the short trainings; where that fails, let simpler models try."""
    scale = pipeline.once(scale_of_progress)
    narrow = single_unit(pipeline)
    if narrow is not None:
        return [_single_unit(*narrow)]
    own = pipeline.once(own_run)
    count = count_examples(pipeline.once(material).trained)
    if _left(scale, own) <= FAILS:
        return [_note({"own training": _left(scale, own)}, count, "The network has the capacity to fit")]
    if not is_light(pipeline):
        raise CannotCheckError("a large network in few updates; overfit_one_batch asks it for fewer examples")
    updates = pipeline.once(material).updates * PATIENCE
    runs = []
    for rate in RATES:
        runs.append(_train(pipeline, rate, updates, scale))
        if _left(scale, runs[-1]) <= FAILS:
            return [_note({"all weights": _left(scale, runs[-1])}, count, "The network has the capacity to fit")]
    best = min(runs, key=lambda run: run.best)
    shares = {"all weights": _left(scale, best)}
    if not _stands_still(scale, best):
        return [_note(shares, count, "Not decided: the network still improves on")]
    return [_against_linear(pipeline, scale, best, shares, count)]


def _train(pipeline: Pipeline, rate: float, updates: int, scale: Scale) -> OwnRun:
    target = scale.floor + FAILS * (scale.reference - scale.floor)
    return train_own(pipeline, plain_rate=rate, updates=updates, points=12, enough=lambda loss: loss <= target)


def _left(scale: Scale, run: OwnRun) -> float:
    return max(0.0, 1.0 - scale.progress(run)) if math.isfinite(run.best) else math.inf


def _stands_still(scale: Scale, run: OwnRun) -> bool:
    """The last third brought hardly anything."""
    cut = 2 * len(run.losses) // 3
    earlier, later = min(run.losses[1:cut], default=math.inf), min(run.losses[cut:], default=math.inf)
    return earlier - later <= STANDS_STILL * (scale.reference - scale.floor)


def _against_linear(pipeline: Pipeline, scale: Scale, best: OwnRun, shares: dict[str, float], count: int) -> Finding:
    try:
        probe, held = pipeline.once(linear_probe), pipeline.once(held_scale)
    except CannotCheckError as reason:
        return _note(shares, count, f"Not decided ({reason}): the network stands still on")
    shares["linear model"] = max(0.0, (probe.trained - scale.floor) / (scale.reference - scale.floor))
    better_unseen = held.share(probe.held) - held.share(best.best_held)
    if shares["linear model"] > FITS or better_unseen < 0.2:
        return _note(shares, count, "No linear model shows that more could be reached on")
    evidence: dict[str, Any] = {**shares, "held_linear": probe.held, "held_network": best.best_held, "examples": count}
    return Finding(
        "capacity_lowers_loss",
        "suspect",
        f"A linear model fits {count} examples better than the network: {shares['linear model']:.0%} of the loss of "
        f"the best constant output is left, and {shares['all weights']:.0%} with the network, which stands still after "
        f"{best.updates[-1]} updates (held-out loss {probe.held:.3g} against {best.best_held:.3g}).",
        evidence,
        cause="The network has too few units, or squeezes its inputs through too few numbers, or they die on the way.",
        fix="Widen the narrowest layer, and look at dead_units and initialization_scale.",
        source=SOURCE,
        figures=(_figure(shares),),
    )


def _single_unit(layer: str, found: Contrast) -> Finding:
    return Finding(
        "capacity_lowers_loss",
        "suspect",
        f"Everything passes through the single unit of {layer}: {found.told('with a shortcut around it')}.",
        {"layer": layer, "updates": found.updates, "own": found.own, "with_shortcut": found.repaired},
        cause="A layer with one unit, between wider ones: one number has to tell all classes apart.",
        fix=f"Give {layer} and the layer after it more units, or leave both out.",
        source=SOURCE,
    )


def _figure(shares: dict[str, float]) -> Bars:
    return Bars("Share of the loss that is left", tuple(shares), tuple(shares.values()), "left of the constant's loss")


def _note(shares: dict[str, float], count: int, words: str) -> Finding:
    told = " and ".join(f"{_WHO[name]} leaves {share:.0%}" for name, share in shares.items())
    text = f"{words} {count} examples: {told} of the best constant output's loss, above the floor."
    evidence = {**shares, "examples": count}
    return Finding(
        "capacity_lowers_loss", "note", text, evidence, source=SOURCE, figures=(_figure(shares),)
    )  # fmt: skip


_WHO = {"own training": "your own training", "all weights": "plain Adam", "linear model": "a linear model"}
