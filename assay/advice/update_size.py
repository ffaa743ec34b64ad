"""Z6: how far a step moves the weights, against how large they are.

    ratio = |change of a weight matrix| / |the matrix|

The book says about 1 %, and neither 50 % nor .001 %; CS231n says about 1e-3. Both are told. What counts is the median
while the rate is at least half of its highest: before and after, small ratios are what the schedule is for.

Source: Goodfellow et al. 2016, section 11.5 (after Bottou 2015); Karpathy 2016, CS231n notes, neural networks 3.
"""

from __future__ import annotations

import math
from statistics import median

from assay.advice.curves import Curves
from assay.advice.judgement import LOWER_RATE, RAISE_RATE
from assay.figure import Lines, Series
from assay.finding import Finding, Skipped
from assay.training.sample import TrainingSample

SOURCE = "Goodfellow et al. 2016, section 11.5; Karpathy 2016, CS231n notes, neural networks 3"
ID, FEWEST = "update_size", 3
BOOK, CS231N = 1e-2, 1e-3
LARGEST, SMALLEST = 0.5, 1e-5
"""The book's own examples of what it should not be: 50 % and .001 %."""

TOO_SHORT = CS231N / 10
"""Our choice: below it, a network that stands still does not stand still for steps that are too long."""

MOST_DRAWN = 6


def judge(curves: Curves) -> Finding | Skipped:
    """The median over weight matrices, with the smallest and the largest."""
    used = curves.samples_at_full_rate()
    layers = medians(used)
    if len(used) < FEWEST or not layers:
        return Skipped(ID, f"too few points: {len(used)} samples at full rate, {FEWEST} needed")
    low, high = min(layers, key=lambda name: layers[name]), max(layers, key=lambda name: layers[name])
    middle = median(layers.values())
    text = (
        f"A step moves weights by {middle:.2g} of their size ({layers[low]:.2g} to {layers[high]:.2g} in {len(layers)} "
        f"matrices, {len(used)} samples at full rate). The book asks for about 1e-2, CS231n for 1e-3."
    )
    cause, fix, moves = "", "", {}
    if middle > LARGEST:
        cause = "A step replaces more than half of a matrix: the learning rate is too high."
        fix, moves = "Lower the learning rate tenfold.", LOWER_RATE
    elif middle < SMALLEST:
        cause = "A step leaves the weights as they are: the learning rate is too low, or gradients are tiny."
        fix, moves = "Raise the learning rate tenfold.", RAISE_RATE
    evidence = {"median": middle, "book": BOOK, "cs231n": CS231N, "samples": len(used),
                "smallest": low, "largest": high, "layers": layers, **moves}  # fmt: skip
    return Finding(ID, "note", text, evidence, cause, fix, SOURCE, (draw(curves),))


def median_size(curves: Curves) -> float | None:
    """The median over weight matrices; None without samples."""
    layers = medians(curves.samples_at_full_rate())
    return median(layers.values()) if layers else None


def is_too_short(curves: Curves) -> bool:
    """Whether steps are known to be too short to throw the weights to and fro: a lower rate is then no remedy."""
    size = median_size(curves)
    return size is not None and size < TOO_SHORT


def medians(samples: list[TrainingSample]) -> dict[str, float]:
    """Each matrix's median over the samples in which it has a finite ratio."""
    found: dict[str, list[float]] = {}
    for sample in samples:
        for name, ratio in sample.update_ratios.items():
            if math.isfinite(ratio):
                found.setdefault(name, []).append(ratio)
    return {name: median(ratios) for name, ratios in found.items()}


def draw(curves: Curves) -> Lines:
    """Some evenly spaced matrices over time, between both recommendations."""
    names = list(dict.fromkeys(name for sample in curves.samples for name in sample.update_ratios))
    places = sorted({round((len(names) - 1) * i / (MOST_DRAWN - 1)) for i in range(MOST_DRAWN)})
    series = [_track(curves, names[place]) for place in places]
    ends = (float(curves.samples[0].step), float(curves.samples[-1].step))
    series += [
        Series(told, ends, (ratio, ratio), "faint line")
        for told, ratio in (("book: 1e-2", BOOK), ("CS231n: 1e-3", CS231N))
    ]
    return Lines("Size of a step against the weights", "step", "change / weights", tuple(series), log_y=True)


def _track(curves: Curves, name: str) -> Series:
    points = [(float(s.step), s.update_ratios[name]) for s in curves.samples if s.update_ratios.get(name, 0.0) > 0]
    return Series(name, tuple(x for x, _ in points), tuple(y for _, y in points))
