"""Input-independent baseline: real inputs must beat inputs that are all zero, trained the same way.

Source: Karpathy 2019, A Recipe for Training Neural Networks ("input-independent baseline").
"""

from __future__ import annotations

import math
from typing import Any

from assay.checks.experiments.blind_inputs import blind_batch
from assay.checks.experiments.loss_floor import blind_floor_of, floor_of
from assay.checks.experiments.short_training import Curve, rates_for, train_briefly
from assay.checks.given.batches import count_examples
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.pipeline import CheckResult, Pipeline
from assay.checks.given.work import affordable_steps, is_light
from assay.figure import Lines, Series
from assay.finding import Finding

SOURCE = "Karpathy 2019, A Recipe for Training Neural Networks"
EXAMPLES, FEW_EXAMPLES, PART, STEPS, PATIENT_STEPS = 48, 8, 24, 60, 300
LEARNING_RATES = (3e-3, 3e-2, 3e-4)
CLEARLY_LOWER = 0.1  # of what the inputs could explain at most: the zeroed loss above the floor
BEYOND_CONSTANT = 0.02  # of the same; no blind network gets below the best constant output at all


def check(pipeline: Pipeline) -> CheckResult:
    """Train two copies on the same few examples, one of them blind."""
    light = is_light(pipeline)
    batch = pipeline.examples(EXAMPLES if light else FEW_EXAMPLES)
    steps = STEPS if light else affordable_steps(pipeline, wanted=STEPS, rows=FEW_EXAMPLES, fewest=10)
    if count_examples(batch) < 4:
        raise CannotCheckError("needs at least 4 examples")
    blinded, kept = blind_batch(pipeline, batch)
    floor = floor_of(pipeline, batch) if pipeline.loss_kind.has_floor else 0.0
    constant = blind_floor_of(pipeline, batch)  # before the trainings, which would be for nothing without it

    def compare(rate: float, steps: int) -> tuple[Curve, Curve]:
        blind = _train(pipeline, blinded, rate, steps, -math.inf)
        enough = blind.best - 1.5 * CLEARLY_LOWER * _explainable(blind, floor)
        return _train(pipeline, batch, rate, steps, enough), blind

    pairs: list[tuple[Curve, Curve]] = []
    for rate in rates_for(pipeline, batch, LEARNING_RATES):
        pairs.append(compare(rate, steps))
        if _gain(*pairs[-1], floor) >= CLEARLY_LOWER:
            break
        if not light:
            raise CannotCheckError(f"{steps} steps, what a network of this size is allowed, tell nothing either way")
    else:  # a narrow network learns slowly: once more, with patience
        best = max(pairs, key=lambda pair: _gain(*pair, floor))[0].learning_rate
        pairs += [compare(rate, PATIENT_STEPS) for rate in dict.fromkeys((LEARNING_RATES[0], best))]
    real, blind = max(pairs, key=lambda pair: _gain(*pair, floor))
    beyond_constant = constant - real.best > BEYOND_CONSTANT * (constant - floor) > 0 and pipeline.loss_kind.has_floor
    helps, has_begun = beyond_constant or _gain(real, blind, floor) >= CLEARLY_LOWER, _has_begun(blind, constant)
    told = f"{count_examples(batch)} examples, at most {blind.steps[-1]} steps{f'; {kept}' if kept else ''}"
    return [_finding(real, blind, count_examples(batch), told, helps, has_begun)]


def _train(pipeline: Pipeline, batch: Any, rate: float, steps: int, enough: float) -> Curve:
    size = count_examples(batch)
    rows = tuple(tuple(range(first, min(first + PART, size))) for first in range(0, size, PART))
    rows = tuple(part for part in rows if len(part) > 1)  # batch norm needs more than one example
    pipeline.seed_for("input_independent_baseline")
    trial = pipeline.trial(adam_learning_rate=rate, dropout=False)
    return train_briefly(
        pipeline, trial, batch, steps=steps, learning_rate=rate, rows=rows, enough=lambda loss: loss < enough
    )


def _explainable(blind: Curve, floor: float) -> float:
    """What the inputs could explain at most; without a known floor, the size of the zeroed loss."""
    return blind.best - floor if blind.best - floor > 1e-6 else abs(blind.best)


def _gain(real: Curve, blind: Curve, floor: float) -> float:
    """By how much real inputs end below zeroed ones, as a share of what could be explained."""
    if not math.isfinite(real.best) or not math.isfinite(blind.best):
        return -math.inf
    return (blind.best - real.best) / max(_explainable(blind, floor), 1e-12)


def _has_begun(blind: Curve, constant: float) -> bool:
    """Whether the blind copy came near the best constant output; before that, sight of the inputs cannot show."""
    return blind.best <= constant + max(0.5 * (blind.losses[0] - constant), 0.25 * abs(constant))


def _finding(real: Curve, blind: Curve, count: int, told: str, helps: bool, has_begun: bool) -> Finding:
    text = f"loss {real.best:.3g} with real inputs, {blind.best:.3g} with zeroed ones"
    text = f"{text} ({told})"
    evidence = {"real": real.best, "zeroed": blind.best, "examples": count, "learning_rate": real.learning_rate}
    pairs = (("real inputs", real), ("zeroed inputs", blind))
    series = tuple(Series(name, tuple(map(float, curve.steps)), curve.losses) for name, curve in pairs)
    figures = (Lines("Learning with and without sight of the inputs", "step", "loss", series),)
    if helps:
        text = f"The network uses its inputs: {text}."
        return Finding("input_independent_baseline", "note", text, evidence, source=SOURCE, figures=figures)
    if not has_begun:
        text = f"Not decided: in so short a training neither copy comes near the targets' mean: {text}."
        advice = "Standardise the targets, or start the output bias at their mean."
        return Finding("input_independent_baseline", "note", text, evidence, fix=advice, source=SOURCE, figures=figures)
    return Finding(
        "input_independent_baseline",
        "suspect",
        f"Inputs do not help: {text}.",
        evidence,
        cause="Inputs are lost on the way (overwritten, multiplied by 0, detached, constant), or nothing is trained.",
        fix="Look at network_inputs and overfit_one_batch, and follow one example through forward.",
        source=SOURCE,
        figures=figures,
    )
