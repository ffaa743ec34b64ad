"""Whether advice that was followed did what it said: the later run's score against the earlier one's.

    change = after - before, on the same validation examples
    over examples, paired where the scores of the same ones are known: mean(d) -/+ 1.96 sd(d) / sqrt(n)
    else, each with its own interval: -/+ sqrt of the sum of the squared distances to its limits (wider)
    over seeds, since either side is one training: see `seed_luck`
    both: -/+ sqrt(of examples^2 + of seeds^2)

as expected: the whole interval lies on the side that was told. not as expected: on the other one. Else within noise.

Source: unpaired, and the sum of squares: Zou and Donner 2008 (Statistics in Medicine 27:1693).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from assay.advice.asked import AskedData
from assay.advice.history import AdviceOutcome, GivenAdvice
from assay.advice.judgement import Expected
from assay.advice.measurements import Measurements
from assay.advice.run_folder import read_run
from assay.advice.studied_tricks import is_of_score
from assay.audit.journal import time_now
from assay.errors import InputError
from assay.example_scores import same_examples
from assay.intervals import difference_interval
from assay.run_folder import MODEL, SUMMARY
from assay.training.sample import SplitScore

WIDE = 1.959964
GUESSED_DEVIATION = 0.01
"""Our guess, from no source: how far a score of one training is from the next one's, a point of accuracy."""


def state_of(m: Measurements, expected: Expected) -> dict[str, Any] | None:
    """What is to change, as plain values: the score on validation or on training examples."""
    score = m.training if expected.quantity == "training" else m.shipped or m.validation
    if score is None or not all(map(math.isfinite, (score.value, score.low, score.high))):
        return None
    plain = {name: getattr(score, name) for name in ("metric", "value", "low", "high", "n")}
    kept = m.scores if expected.quantity == "validation" else None
    scores = None if kept is None else dict(kept)
    return {**plain, "asked": asdict(m.asked), "scores": scores, "seeds": list(seed_luck(m, score))}


def follow(given: GivenAdvice, renamed: str | None = None) -> AdviceOutcome | None:
    """What came of it; None where it was not followed, or is not finished.

    It was followed if the folder that the command names, or `renamed`, holds a finished result about the same data.
    """
    place = renamed or given.folder
    folder = None if place is None else Path(place)
    if folder is None or not folder.is_dir():
        return None
    if given.expected.quantity == "known":
        return known(given, folder)
    try:
        later = read_run(folder)
    except InputError:
        return None
    after = state_of(later, given.expected)
    if after is None or given.before is None or later.missing:
        return None
    if AskedData.of(given.before["asked"]) != later.asked or given.before["metric"] != after["metric"]:
        return None
    change, low, high, how = compare(given.before, after)
    up = -1.0 if given.expected.told == "down" else 1.0
    verdict = "within noise" if low <= 0 <= high else "as expected" if up * change > 0 else "not as expected"
    scores = f"{given.before['value']:.4f} -> {after['value']:.4f}"
    interval = f"{change:+.4f} [{low:+.4f}, {high:+.4f}] (95 %, n = {after['n']}, {how})"
    told = f"{given.expected.quantity} {after['metric']} {scores}: {interval}"
    return AdviceOutcome(given.id, str(folder), verdict, change, low, high, told, time_now())


def known(given: GivenAdvice, folder: Path) -> AdviceOutcome | None:
    """Advice to measure something did what it said when the measurement is there."""
    finished = [name for name in (SUMMARY, MODEL, "proposals.jsonl") if (folder / name).is_file()]
    try:
        later = read_run(folder)
    except InputError:
        later = None
    before = None if given.before is None else AskedData.of(given.before["asked"])
    if later is not None and before is not None and not before.is_of_same_data(later.asked):
        return None
    is_empty = later is None or not later.findings or (given.run == str(folder.resolve()) and bool(later.missing))
    if not finished and is_empty:
        return None
    return AdviceOutcome(
        given.id, str(folder), "as expected", None, None, None, f"known now: {given.expected.told}", time_now()
    )


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[float, float, float, str]:
    """The change with its limits, and how it was judged."""
    change, low, high, how = over_examples(before, after)
    seeds, source = luck_of(before, after)
    told = f"{how}; one training each, which seeds move by up to {seeds:.4f}: {source}"
    return change, change - math.hypot(change - low, seeds), change + math.hypot(high - change, seeds), told


def seed_luck(m: Measurements, score: SplitScore) -> tuple[float, str]:
    """By how much another seed moves the difference of two trainings in 95 % of cases, and who says so.

    Where an ablation measured the score: the half-width of the mean of n paired differences times sqrt(n), the median
    over its tricks, which counts luck of examples too. Else our guess: 1.96 sqrt(2) times a deviation of
    `GUESSED_DEVIATION`, or of what examples alone do to the score if that is more.
    """
    rows = [row for row in m.tricks if is_of_score(row) and row["n"] > 1]
    if rows:
        halves = [(row["high"] - row["low"]) / 2 * math.sqrt(row["n"]) for row in rows]
        return float(np.median(halves)), "measured in the ablation"
    return guessed_luck(score.low, score.high), "our guess"


def guessed_luck(low: float, high: float) -> float:
    """Of a score with these limits over examples."""
    return WIDE * math.sqrt(2) * max(GUESSED_DEVIATION, (high - low) / 2 / WIDE)


def luck_of(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[float, str]:
    """The measured one of either side, the larger of both; records of old have none."""
    known = [one["seeds"] for one in (before, after) if one.get("seeds")]
    measured = [luck for luck, source in known if source != "our guess"]
    if measured:
        return max(measured), "measured in the ablation"
    return max(guessed_luck(one["low"], one["high"]) for one in (before, after)), "our guess"


def over_examples(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[float, float, float, str]:
    """The change with its limits over examples alone, and whether they were paired."""
    pair = same_examples(before.get("scores"), after.get("scores"))
    if pair is not None and len(pair[0]) > 1:
        gained = pair[1].astype(float) - pair[0]
        half = WIDE * float(np.std(gained, ddof=1)) / math.sqrt(len(gained))
        # Where not one answer differs, one that did would have been seen.
        half = half or WIDE / len(gained)
        mean = float(gained.mean())
        return mean, mean - half, mean + half, "paired by example"
    first, second = (
        SplitScore(one["metric"], one["value"], one["low"], one["high"], one["n"], math.nan, math.nan)
        for one in (after, before)
    )
    low, high = difference_interval(first, second)
    return first.value - second.value, low, high, "unpaired"
