"""The stack that goes on in a run: what is clear, and what is likelier to help than not.

A run must go on with some recipe, however few seeds its budget had. Of tricks that nobody can tell from useless, those
with a gain are the better guess: under a flat prior the expected effect is the estimate. So a trick that gained in
the last round is tried, the best first, and kept if the longer stack measures better on the same seeds. That is a
choice and no verdict, and is told as one. At the end the stack meets the baseline and its rival on seeds that chose
nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assay.ablation.effect import Effect, paired_effect
from assay.ablation.stepwise import Round, why_not_joining
from assay.finding import Skipped
from assay.in_place import put_in_place
from assay.recipe import Recipe, Trick, describe_part
from assay.trial import MeasureAll, Trial


@dataclass(frozen=True)
class Stack:
    """recipe: with all that was kept. by_estimate: names of what was kept without being clear."""

    recipe: Recipe
    by_estimate: tuple[str, ...]
    skipped: tuple[Skipped, ...]


def extend_by_estimate(
    baseline: Recipe,
    clear: Recipe,
    tricks: Sequence[Trick],
    last: Round,
    measure_all: MeasureAll,
    seeds: Sequence[int],
    *,
    share_used: Callable[[], float] = lambda: 0.0,
) -> Stack:
    """Try what gained in the last round, best first.

    Args:
        clear: the baseline with all that is clear.
        last: the round whose estimates say what is tried, in which order.
        seeds: on which the stack and each longer one are trained; those of the last round are there already.
    """
    recipe, kept, skipped = clear, list[str](), list[Skipped]()
    trials = list[Trial]()
    for trick in _promising(tricks, last):
        name = describe_part(trick)
        reason = why_not_joining(recipe, trick, baseline) or ("" if share_used() < 1 else "budget")
        if reason:
            skipped.append(Skipped(f"{name} in the stack", reason))
            continue
        trials = trials or measure_all([(recipe, seed) for seed in seeds])
        longer, _ = put_in_place(recipe, trick, baseline.tricks)
        treated = measure_all([(longer, seed) for seed in seeds])
        if divergence(treated):
            skipped.append(Skipped(f"{name} in the stack", divergence(treated)))
        elif paired_effect(trials, treated).estimate > 0:
            recipe, trials, kept = longer, treated, [*kept, name]
    return Stack(recipe, tuple(kept), tuple(skipped))


def compare(one: Recipe, other: Recipe, measure_all: MeasureAll, seeds: Sequence[int]) -> Effect | str | None:
    """What the other is worth against the one; why that is not known, or None where only the one diverged."""
    trials = measure_all([(recipe, seed) for recipe in (one, other) for seed in seeds])
    control, treated = trials[: len(seeds)], trials[len(seeds) :]
    if divergence(treated):
        return divergence(treated)
    return None if divergence(control) else paired_effect(control, treated)


def divergence(trials: Sequence[Trial]) -> str:
    """That a training ended in numbers that are not finite, and on which seeds; empty when none did."""
    seeds = [str(t.seed) for t in trials if not (math.isfinite(t.loss) and math.isfinite(t.value))]
    return f"diverged: the validation loss is not a finite number with seed {', '.join(seeds)}" if seeds else ""


def _promising(tricks: Sequence[Trick], last: Round) -> list[Trick]:
    sign = last.study.judge.metric.sign
    gained = {
        place: effect.estimate * sign
        for place, effect in zip(last.places, last.study.effects, strict=True)
        if effect.estimate * sign > 0 and place != last.added
    }
    return [tricks[place] for place in sorted(gained, key=lambda place: -gained[place])]
