"""Z1: what the shape of the loss tells of the learning rate.

    straight to the end at a rate that is kept        low
    flat, and nothing is learned                      far too high or far too low; a short training is enough to tell
    fast, then stuck until the schedule lowers it     high; the drop is the evidence

A loss that falls while the rate falls is what schedules are for: it counts only where more was learned after the rate
was lowered than before. Slopes and levels are held against the curve's own noise.

Source: Karpathy 2016, CS231n notes, neural networks 3; Goodfellow et al. 2016, section 8.3.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from assay.advice.curves import Curves
from assay.advice.judgement import LOWER_RATE, RAISE_RATE
from assay.advice.robust import is_lower, noise_of, running_median, slope_of
from assay.figure import Lines, Series
from assay.finding import Finding, Skipped

SOURCE = "Karpathy 2016, CS231n notes, neural networks 3; Goodfellow et al. 2016, section 8.3.1"
ID, FEWEST, FEWEST_FLAT, FEWEST_LOWERED = "loss_shape", 60, 20, 10
"""Our choices: 30 points for the slope of each half, 20 for a level, ten for one after a drop."""

STRAIGHT = (0.5, 2.0)
"""Our choice: second half by first half, either way within a factor of two."""

RISEN = 0.9
"""Of the highest rate: where warming up is over."""


@dataclass(frozen=True)
class Shape:
    """What the loss did. start: before any step. end: of the last tenth. noise: of a mini-batch, in the last half."""

    start: float
    end: float
    noise: float

    @property
    def fall(self) -> float:
        return self.start - self.end


def judge(curves: Curves) -> Finding | Skipped:
    """One shape, the first that the curve has; a healthy one is told without a cause."""
    few = Skipped(ID, f"too few points: {len(curves.losses)} recorded losses, {FEWEST} needed")
    if len(curves.losses) < FEWEST_FLAT:
        return few
    if not curves.is_finite:
        return Skipped(ID, "the loss is not finite")
    losses = curves.losses
    shape = Shape(float(losses[0]), float(np.median(losses[-len(losses) // 10 :])),
                  noise_of(losses[len(losses) // 2 :]))  # fmt: skip
    flat = _flat(curves, shape)
    if flat is None and len(losses) < FEWEST:
        return few
    told, cause, fix, more = flat or _straight(curves) or _stuck(curves, shape) or ("", "", "", {})
    verb = "fell" if shape.fall > 0 else "went"
    text = f"The loss {verb} from {shape.start:.3g} to {shape.end:.3g} in {curves.total_steps} steps"
    text += f" ({curves.epochs:.3g} epochs; a mini-batch's noise is {shape.noise:.2g})"
    evidence = {"start": shape.start, "end": shape.end, "noise": shape.noise, "steps": curves.total_steps,
                "points": len(losses), **more}  # fmt: skip
    return Finding(ID, "note", f"{text}{'; ' if told else ''}{told}.", evidence, cause, fix, SOURCE, draw(curves))


Told = tuple[str, str, str, dict[str, Any]]


def _flat(curves: Curves, shape: Shape) -> Told | None:
    """No fall that is sure and stands out of one mini-batch's noise, and answers no better than a constant one."""
    first, third = curves.losses[: max(10, len(curves.losses) // 50)], len(curves.losses) // 3
    fell = shape.fall > shape.noise and is_lower(curves.losses[-third:], first)
    if fell or not (curves.has_learned is False or curves.is_at_chance):
        return None
    return (
        "it is flat, and the answers are no better than a constant one",
        "The learning rate is far too high or far too low, or no gradient arrives.",
        "Run `assay tune`: its range test shows at which rates the loss falls at all.", {},
    )  # fmt: skip


def _straight(curves: Curves) -> Told | None:
    """Falling at least half as fast in the second half as in the first, from where the rate is up to the end."""
    if not curves.is_rate_kept:
        return None
    up = int(np.argmax(curves.rates >= RISEN * curves.rates.max()))
    steps, losses = curves.steps[up:], curves.losses[up:]
    half = len(losses) // 2
    if half < FEWEST // 2:
        return None
    first, second = slope_of(steps[:half], losses[:half]), slope_of(steps[half:], losses[half:])
    ratio = second.value / first.value if first.value else 0.0
    # For certain not much flatter than before: a curve of which nothing can be told is not straight.
    if not (first.falls and second.high <= STRAIGHT[0] * first.value and ratio <= STRAIGHT[1]):
        return None
    told = f"it falls in a straight line to the end: the second half is {ratio:.2f} times as steep as the first"
    return (
        told, f"The rate of {curves.rates.max():.3g} is low for {curves.total_steps} steps.",
        "Raise the learning rate threefold; `assay tune` shows how high it may be.", {"steepness": ratio} | RAISE_RATE,
    )  # fmt: skip


def is_straight(curves: Curves) -> bool:
    """Whether the loss falls in a straight line to the end, at a rate that is kept."""
    return _straight(curves) is not None


def _stuck(curves: Curves, shape: Shape) -> Told | None:
    """At full rate the loss had come to a stand; once the rate was lowered, it fell further than it had before."""
    full = np.flatnonzero(curves.at_full_rate)
    begun, last = int(full[0]), int(full[-1])
    if len(curves.losses) - last - 1 < FEWEST_LOWERED or last - begun < FEWEST // 2:
        return None
    late = slice(begun + (last - begun) // 2, last + 1)
    if slope_of(curves.steps[late], curves.losses[late]).falls:
        return None
    level, after = curves.losses[late], curves.losses[-(len(curves.losses) - last - 1) // 2 :]
    before, gained = shape.start - float(np.median(level)), float(np.median(level)) - float(np.median(after))
    if gained <= before or gained <= shape.noise or not is_lower(after, level):
        return None
    told = (
        f"it stood at {np.median(level):.3g} while the rate was high and fell by {gained:.3g} after it was lowered at "
        f"step {int(curves.steps[last])}, further than the {max(before, 0.0):.3g} before"
    )
    return (
        told, f"The rate of {curves.rates.max():.3g} is high: most of the training only waited for it to go down.",
        "Lower the highest rate threefold, or begin to lower it earlier.",
        {"before": before, "after": gained} | LOWER_RATE,
    )  # fmt: skip


def draw(curves: Curves) -> tuple[Lines, ...]:
    """The losses as they were, their running median, the looks at validation; and the rate."""
    steps, width = tuple(curves.steps.tolist()), max(3, len(curves.losses) // 20)
    series = (
        Series("mini-batch", steps, tuple(curves.losses.tolist()), marks="faint line"),
        Series("running median", steps, tuple(running_median(curves.losses, width).tolist())),
        Series("validation", tuple(curves.looks.tolist()), tuple(curves.validation_losses.tolist())),
    )
    title = "Loss: mini-batches as they were trained on, and validation"
    rate = Series("learning rate", steps, tuple(curves.rates.tolist()))
    return (Lines(title, "step", "loss", series, log_y=bool((curves.losses > 0).all())),
            Lines("Learning rate", "step", "learning rate", (rate,)))  # fmt: skip
