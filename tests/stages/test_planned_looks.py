"""That a tuning's plan counts the looks at the validation split which its trainings then make."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from assay.data.data import Data
from assay.models.mlp import MLP
from assay.optimizers import AdamW
from assay.planning import FEWEST_VALIDATION, Speed
from assay.recipe import Recipe
from assay.stages.tuning_budget import Sizes, looks_of, plan_tuning
from assay.training import train as training
from assay.trial import in_turn, measure_on
from assay.tuning.space import Span
from assay.tuning.thorough import Plan, tune_thoroughly

SPACE = {"learning_rate": Span(1e-8, 1e-1, log=True)}
RECIPE = Recipe(model=MLP(hidden=(8,)), optimizer=AdamW(learning_rate=1e-2), batch_size=8, epochs=6)
PLAN = Plan(SPACE, finds_rate=False, trials=9, final_seeds=2, judging_seeds=3)


def test_looks_by_hand() -> None:
    """The recipe's own: four. Finals and judging: one each, at the end."""
    fresh = 4 + 3 * 2 + 2 * 3
    assert looks_of(PLAN) == pytest.approx(4 * 0.6 * 9 + 9 / 2 + fresh)
    assert looks_of(replace(PLAN, halving=True)) == 9 + 3 + 1 + fresh
    ninths = replace(PLAN, halving=True, search="tpe")
    assert looks_of(ninths) == pytest.approx(9 * (1 + 3 * 2 / 9 + 2 / 3) + 8 + fresh)
    assert looks_of(replace(ninths, trials=27)) == pytest.approx(9 * 7 + 24 + fresh)


@pytest.mark.parametrize(("search", "halving"), [("random", False), ("random", True), ("tpe", False), ("tpe", True)])
def test_a_tuning_looks_about_as_often_as_planned(
    search: str, halving: bool, tiny_images: Data, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exact where rounds are; else half and double, as which trial is stopped at which look is luck.

    Rates that learn and rates that do not: where all trials tie, none is stopped.
    """
    looks: list[int] = []
    evaluate = training.evaluate

    def counted(*given: Any, **more: Any) -> Any:
        looks.append(1)
        return evaluate(*given, **more)

    monkeypatch.setattr(training, "evaluate", counted)
    plan = replace(PLAN, search=search, halving=halving)
    tuned = tune_thoroughly(RECIPE, tiny_images, in_turn(measure_on(tiny_images)), plan, seed=0)
    judging = 2 * 3 if tuned.gain is not None else 3
    fresh = len(tuned.rounds[0].few) * 2 + judging
    planned = looks_of(plan) - 3 * 2 - 2 * 3
    searching = len(looks) - fresh
    if halving and search == "random":
        assert searching == planned
    else:
        assert planned / 2 <= searching <= 2 * planned


def test_where_judging_is_dear_more_looks_are_shorter_trainings() -> None:
    """At a look of half a second, nine looks of each of a search are not paid with what four cost."""
    speed, sizes = Speed(step=1e-3, evaluation=1e-3), Sizes(train=5000, validation=FEWEST_VALIDATION)
    recipe = RECIPE.change(batch_size=50)
    for search in ("random", "tpe"):
        asked = Plan(SPACE, search=search, halving=True, trials=27)
        plan, lengths = plan_tuning(100.0, speed, recipe, sizes, asked, trials=27, epochs=None)
        steps = lengths.epochs * (lengths.examples // recipe.batch_size)
        seconds = plan.cost * steps * speed.step + looks_of(plan) * speed.evaluation * lengths.validation
        assert seconds + plan.range_steps * speed.step <= 100.0 + plan.cost * speed.step
