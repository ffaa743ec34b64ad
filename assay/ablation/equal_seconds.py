"""Equal wall-clock instead of equal epochs: a trick that makes trainings slower has fewer epochs.

    epochs of an arm = its epochs / (seconds of its training by those of the baseline's of as many epochs)

with seconds of whole trainings, both measured in turn, so that batches and images that grow count as they do. What a
trick gains is then what it gains in the same time, which is the question of whoever pays for time. A cheap study's
trainings are each as long as the baseline's cheap one.

Source: Kaddour et al. 2023, No Train No Gain (arXiv:2307.06440): what gains at equal epochs may not at equal time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from assay.recipe import Recipe
from assay.trial import MeasureAll, Trial


def at_equal_seconds(measure_all: MeasureAll, baseline: Recipe, ratio: Callable[[Recipe, Recipe], float]) -> MeasureAll:
    """The same trainings, each as long as one of the baseline with as many epochs takes.

    Args:
        ratio: seconds of one recipe's whole training by those of another's, measured once and remembered by whoever
            gives it.
    """

    def measured(pairs: Sequence[tuple[Recipe, int]]) -> list[Trial]:
        return measure_all([(equally_long(recipe, baseline, ratio), seed) for recipe, seed in pairs])

    return measured


def equally_long(recipe: Recipe, baseline: Recipe, ratio: Callable[[Recipe, Recipe], float]) -> Recipe:
    """The recipe, with as many epochs as it has time for while the baseline trains for the recipe's own.

    The baseline of whatever length stays as it is.
    """
    alike = baseline.change(epochs=recipe.epochs)
    if recipe == alike:
        return recipe
    return recipe.change(epochs=recipe.epochs / ratio(recipe, alike))
