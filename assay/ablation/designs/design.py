"""A design: for each seed, the contrasts between stacks of tricks that are asked.

    effect = sum over arms of weight * score(arm)        weights sum to 0

An arm is a set of tricks, as ascending places in the list that was given; the empty one is the baseline. All designs
are such sums, so one way of pairing, of intervals and of tests serves them all.

Source: Montgomery 2017, Design and Analysis of Experiments, section 3.5 (contrasts).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

Arm = tuple[int, ...]
BASELINE: Arm = ()


@dataclass(frozen=True)
class Contrast:
    """What one trick, or several together, add.

    tricks: the places of those it is about. weights: of each arm that it needs.
    """

    tricks: Arm
    weights: tuple[tuple[Arm, float], ...]


@dataclass(frozen=True)
class Design:
    """contrasts: of a seed; their number and what they are about do not depend on it, their arms may.

    meaning: of one contrast, in words that follow "the effect of a trick is".
    whole: what the contrasts of every seed sum to, where they are shares of it; then none stops before the others,
    since shares of other seeds would sum to something else.
    """

    name: str
    meaning: str
    contrasts: Callable[[int], tuple[Contrast, ...]]
    whole: Contrast | None = None

    def arms(self, seed: int) -> tuple[Arm, ...]:
        """Everything to be trained on this seed, each once, the baseline first and then by size."""
        found = {arm for contrast in self.contrasts(seed) for arm, _ in contrast.weights}
        return tuple(sorted(found, key=lambda arm: (len(arm), arm)))


def contrast(tricks: Arm, weights: Mapping[Arm, float]) -> Contrast:
    """With arms in order, and without those that cancel."""
    return Contrast(tricks, tuple(sorted((arm, weight) for arm, weight in weights.items() if weight)))


def difference(tricks: Arm, longer: Arm, shorter: Arm) -> Contrast:
    """One stack against another."""
    return contrast(tricks, {longer: 1.0, shorter: -1.0})
