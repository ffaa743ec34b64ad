"""Input-independent baseline: real inputs must beat inputs that are all zero, trained the same way.

Source: Karpathy 2019, A Recipe for Training Neural Networks ("input-independent baseline").
"""

from __future__ import annotations

import math
from typing import Any

import torch

from assay.checks.batches import count_examples, map_tensors, replace_inputs, split_batch
from assay.checks.loss_floor import blind_floor_of
from assay.checks.pipeline import CannotCheckError, CheckResult, Pipeline
from assay.checks.short_training import Curve, rates_for, train_briefly
from assay.figure import Lines, Series
from assay.finding import Finding

SOURCE = "Karpathy 2019, A Recipe for Training Neural Networks"
EXAMPLES, PART, STEPS = 48, 24, 60
LEARNING_RATES = (3e-3, 3e-2, 3e-4)
CLEARLY_LOWER = 0.1  # share of the initial loss by which real inputs must end below zeroed ones


def check(pipeline: Pipeline) -> CheckResult:
    """Train two copies on the same few examples, one of them blind."""
    batch = pipeline.examples(EXAMPLES)
    if count_examples(batch) < 4:
        raise CannotCheckError("needs at least 4 examples")
    blind_batch = replace_inputs(batch, map_tensors(torch.zeros_like, split_batch(batch)[0]))
    pairs: list[tuple[Curve, Curve]] = []
    for rate in rates_for(pipeline, batch, LEARNING_RATES):
        blind = _train(pipeline, blind_batch, rate, None)
        real = _train(pipeline, batch, rate, blind.best)
        pairs.append((real, blind))
        if _gain(real, blind) >= CLEARLY_LOWER:
            break
    real, blind = max(pairs, key=lambda pair: _gain(*pair))
    return [_finding(real, blind, count_examples(batch), _has_begun(pipeline, blind, blind_batch))]


def _train(pipeline: Pipeline, batch: Any, rate: float, to_beat: float | None) -> Curve:
    size = count_examples(batch)
    rows = tuple(tuple(range(first, min(first + PART, size))) for first in range(0, size, PART))
    rows = tuple(part for part in rows if len(part) > 1)  # batch norm needs more than one example
    pipeline.seed_for("input_independent_baseline")
    trial = pipeline.trial(adam_learning_rate=rate, dropout=False)
    needed = -math.inf if to_beat is None else to_beat - 1.5 * CLEARLY_LOWER * abs(to_beat)
    return train_briefly(
        pipeline, trial, batch, steps=STEPS, learning_rate=rate, rows=rows, enough=lambda loss: loss < needed
    )


def _gain(real: Curve, blind: Curve) -> float:
    """By how much real inputs end below zeroed ones, as a share of the zeroed loss."""
    if not math.isfinite(real.best) or not math.isfinite(blind.best):
        return -math.inf
    return (blind.best - real.best) / max(abs(blind.best), 1e-12)


def _has_begun(pipeline: Pipeline, blind: Curve, blind_batch: Any) -> bool:
    """Whether the blind copy came near the best constant output; before that, sight of the inputs cannot show."""
    floor, start = blind_floor_of(pipeline, blind_batch), blind.losses[0]
    return blind.best <= floor + max(0.5 * (start - floor), 0.25 * abs(floor))


def _finding(real: Curve, blind: Curve, count: int, has_begun: bool) -> Finding:
    text = f"loss {real.best:.3g} with real inputs, {blind.best:.3g} with zeroed ones"
    text = f"{text} ({count} examples, at most {blind.steps[-1]} steps)"
    evidence = {"real": real.best, "zeroed": blind.best, "examples": count, "learning_rate": real.learning_rate}
    pairs = (("real inputs", real), ("zeroed inputs", blind))
    series = tuple(Series(name, tuple(map(float, curve.steps)), curve.losses) for name, curve in pairs)
    figures = (Lines("Learning with and without sight of the inputs", "step", "loss", series),)
    if _gain(real, blind) >= CLEARLY_LOWER:
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
