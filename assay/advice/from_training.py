"""Advice on a training in memory: `assay.advise(run, data, target=.95)`.

counsel = assay.advise(assay.train(recipe, data), data)
print(counsel.path.conclusion, counsel.advice[0].command)
"""

from __future__ import annotations

import math
from pathlib import Path

from assay.advice.advise import curves_of
from assay.advice.asked import AskedData
from assay.advice.counsel import Counsel, counsel
from assay.advice.curves import Curves
from assay.advice.measurements import Measurements
from assay.advice.of_data import ask_neighbours, count_classes
from assay.data.data import Data
from assay.data.open import NAMED
from assay.evaluation import Evaluation
from assay.recipe import Recipe
from assay.run_folder import RECIPE
from assay.training.history import History
from assay.training.sample import SplitScore
from assay.training.train import Run


def advise(
    run: Run | History,
    data: Data,
    *,
    recipe: Recipe | None = None,
    target: float | None = None,
    source: str | None = None,
) -> Counsel:
    """What a training's curves and scores, and the data, say is to be done next.

    Its commands read the recipe from `recipe.toml`: `assay.write_recipe(run.recipe, "recipe.toml")` puts it there.

    Args:
        run: a finished training, or the history of one, of which `recipe` is then the recipe.
        target: the score that is wanted, on validation.
        source: how the data are called on the command line, for the commands: a path, mostly. Without it `digits` and
            its like are named; of other data, whose path is not known, the commands say SOURCE.
    Raises:
        ValueError: target is not a score.
    """
    if target is not None and not (math.isfinite(target) and target <= 1.0):
        raise ValueError(f"target must be a score of at most 1, got {target}; a usual one is 0.95")
    return counsel(measure(run, data, recipe=recipe, target=target, source=source))


def measure(
    run: Run | History,
    data: Data,
    *,
    recipe: Recipe | None = None,
    target: float | None = None,
    source: str | None = None,
) -> Measurements:
    """What is known of this training."""
    history = run if isinstance(run, History) else run.history
    specification, examples = data.specification, len(data.train)
    frequencies = specification.class_frequencies
    chance = max(frequencies, default=None) if specification.task == "classification" else 0.0
    recipe = recipe if isinstance(run, History) else run.recipe
    steps = max(1, examples // (recipe.batch_size if recipe is not None else 1))
    curves = (
        Curves.of(history, steps_per_epoch=steps, metric=specification.metric, chance=chance)
        if isinstance(run, History)
        else curves_of(run, examples)
    )
    scores = history.scores
    return Measurements(
        asked=AskedData(source or (data.name if data.name in NAMED else AskedData.source)),
        recipe_file=None if recipe is None else Path(RECIPE),
        metric=specification.metric,
        recipe=recipe,
        curves=curves,
        training=scores.get("training"),
        validation=scores.get("validation"),
        shipped=None if isinstance(run, History) else score_of(run.validation),
        target=target,
        target_from="given" if target is not None else "",
        chance=chance,
        input_shape=tuple(specification.input_shape),
        examples=examples,
        validation_examples=len(data.validation),
        per_class=count_classes(data),
        neighbours=ask_neighbours(data),
    )


def score_of(evaluation: Evaluation) -> SplitScore:
    """The metric of an evaluation with its interval."""
    return SplitScore(
        evaluation.metric, evaluation.value, evaluation.low, evaluation.high, evaluation.n, evaluation.loss, math.nan
    )
