"""Which trials end early: floors that a trial's looks must reach, made from the trials before it.

    median   floors[k] = median over the trials that were trained to their end of what they showed at look k
    thirds   a ninth and a third of the way: what the best third of those that came so far showed there

Source: median: Golovin et al. 2017, section 3.2; thirds: Jamieson & Talwalkar 2016 (arXiv:1502.07943), as each trial
meets it that comes alone (Li et al. 2018, arXiv:1810.05934, section 3.2).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from assay.tuning.searched import Searched

Rule = Callable[[Sequence[Searched]], tuple[float, ...]]
"""Trials before -> floors of looks 1, 2, ... for a trial that begins now."""

WAITING_TRIALS = 3
"""Before so many trials were trained to their end nothing is stopped for being below their median."""

LOOKS, LOOKS_OF_THIRDS = 4, 9
"""At the validation split in a training, the last of them at its end."""


def none_stop(before: Sequence[Searched]) -> tuple[float, ...]:
    """All are trained to their end."""
    return ()


def below_median(before: Sequence[Searched]) -> tuple[float, ...]:
    """Those end whose best look so far is below the median of the others' at this look."""
    ended = [one.looks[:-1] for one in before if not one.pruned]
    if len(ended) < WAITING_TRIALS:
        return ()
    return tuple(float(np.median(column)) for column in zip(*ended, strict=False))


def below_best_third(before: Sequence[Searched]) -> tuple[float, ...]:
    """Those end that are not among the best third of all that came to look 1 or 3 of nine, themselves included.

    What diverged there counts, as the worst.
    """
    floors = [-math.inf] * 3
    for look in (1, 3):
        shown = (one.looks[look - 1] for one in before if len(one.looks) >= look)
        # nan is neither above nor below anything, so that a sort leaves it wherever it stood.
        seen = sorted((value if math.isfinite(value) else -math.inf for value in shown), reverse=True)
        kept = max(1, (len(seen) + 1) // 3)
        if len(seen) >= kept:
            floors[look - 1] = seen[kept - 1]
    return tuple(floors)
