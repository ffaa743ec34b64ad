"""Seconds of trainings that may be compared: those of one command, one after the other, on one machine.

A training that is found again was timed on another day, maybe on another machine, and what workers train is timed
beside each other, maybe on several: a ratio of such seconds tells of the machines. They are left out here, and with
them every ratio that would need them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from assay.recipe import Recipe
from assay.trial import MeasureAll, Trial


def timed_here(measure_all: MeasureAll, is_comparable: Callable[[Recipe, int], bool]) -> MeasureAll:
    """The same trainings, with nan seconds where they do not compare.

    Args:
        is_comparable: asked of each training before it is asked for, once.
    """
    asked: dict[tuple[str, int], bool] = {}

    def measured(pairs: Sequence[tuple[Recipe, int]]) -> list[Trial]:
        for recipe, seed in pairs:
            key = recipe.key(), seed
            if key not in asked:
                asked[key] = is_comparable(recipe, seed)
        trials = measure_all(pairs)
        return [
            trial if asked[recipe.key(), seed] else replace(trial, seconds=math.nan)
            for trial, (recipe, seed) in zip(trials, pairs, strict=True)
        ]

    return measured
