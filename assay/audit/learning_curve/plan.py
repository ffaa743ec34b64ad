"""Which subsets, and how long each is trained on: equal passes over every subset, and never too few steps.

    sizes: examples / ratio^k,  ratio = 32^(1/7)         steps(n) = max(FEWEST_STEPS, passes * n / batch(n))

A subset that is seen too seldom errs for want of steps, not of data, and bends the curve. So with less time the
largest subset is smaller, not the trainings shorter. Sizes hang on the number of examples alone, so that a larger
budget later finds the trainings of a smaller one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from assay.audit.learning_curve.curve import LEAST_SEEDS, LEAST_SPAN
from assay.audit.learning_curve.sizes import LEAST_SIZES, USUAL_SIZES, USUAL_SPAN, log_spaced_sizes

FEWEST_STEPS = 200
USUAL_PASSES = 6.0
FEWEST_EXAMPLES, FEWEST_PER_CLASS = 16, 5
LEAST_BATCHES, SMALLEST_BATCH = 4, 16
CHEAPEST_STEP = 0.3
"""A step of a small batch costs at least this share of a whole one."""


@dataclass(frozen=True)
class Lengths:
    """How long the trainings are. batch_size: of the recipe; passes: over the subset, of large ones."""

    batch_size: int
    passes: float = USUAL_PASSES

    def batch(self, size: int) -> int:
        """Examples in a batch of a subset: the recipe's own, or of a small one a quarter of it, but at least 16."""
        quarter = 2 ** int(math.log2(max(1.0, size / LEAST_BATCHES)))
        return min(self.batch_size, size, max(SMALLEST_BATCH, quarter))

    def steps(self, size: int) -> int:
        """Optimiser steps on a subset."""
        return max(FEWEST_STEPS, round(self.passes * (size // self.batch(size))))

    def epochs(self, size: int) -> float:
        """Passes over a subset: more over a small one."""
        return self.steps(size) / (size // self.batch(size))

    def work(self, size: int) -> float:
        """Steps, each counted as the share of a whole batch's that it costs."""
        return self.steps(size) * max(CHEAPEST_STEP, self.batch(size) / self.batch_size)


def least_size(classes: int) -> int:
    """Where a curve can begin: with a few examples of each class; classes is 0 for regression."""
    return max(FEWEST_EXAMPLES, FEWEST_PER_CLASS * classes)


def possible_sizes(examples: int, classes: int) -> tuple[int, ...]:
    """All sizes that a curve may use, rising to all examples; none where the data is too small for a curve.

    Where the whole is less than 32 times the least size, eight of them lie in between, or fewer that differ.
    """
    least = least_size(classes)
    if examples < LEAST_SPAN * least:
        return ()
    if examples < USUAL_SPAN * least:
        for count in range(USUAL_SIZES, LEAST_SIZES, -1):
            try:
                return log_spaced_sizes(examples, smallest=least, count=count)
            except ValueError:
                continue
        return log_spaced_sizes(examples, smallest=least, count=LEAST_SIZES)
    ratio = USUAL_SPAN ** (1 / (USUAL_SIZES - 1))
    count = int(math.log(examples / least) / math.log(ratio)) + 1
    return tuple(round(examples / ratio**place) for place in reversed(range(count)))


def first_size(sizes: Sequence[int], lengths: Lengths, *, seconds: float, step_seconds: float) -> int:
    """Where in `sizes` to begin, so that as far as the time allows eight sizes that span a factor of 32 follow.

    Args:
        seconds: for all trainings under three seeds.
        step_seconds: of a step of a whole batch.
    """
    for end in range(len(sizes), 0, -1):
        begin = max(0, end - USUAL_SIZES)
        work = LEAST_SEEDS * sum(lengths.work(size) for size in sizes[begin:end])
        if work * step_seconds <= seconds:
            return begin
    return 0


def needed_sizes(sizes: Sequence[int]) -> tuple[int, ...]:
    """The first of `sizes` that make a curve: five at least, and a factor of 4 from first to last."""
    count = next(
        (place for place in range(LEAST_SIZES, len(sizes)) if sizes[place - 1] >= LEAST_SPAN * sizes[0]), len(sizes)
    )
    return tuple(sizes[:count])


def judged_by(sizes: Sequence[int]) -> tuple[int, ...]:
    """Of the sizes that were measured those within a factor of 32 of the largest, or the last five."""
    near = [size for size in sizes if size * USUAL_SPAN * 1.05 >= sizes[-1]]
    return tuple(sizes[-max(len(near), LEAST_SIZES) :])
