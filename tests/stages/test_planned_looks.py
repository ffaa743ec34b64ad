"""That a tuning's plan counts the looks at the validation split which its trainings then make."""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest

from assay.data.data import Data
from assay.models.mlp import MLP
from assay.optimizers import AdamW
from assay.planning import FEWEST_VALIDATION, Speed
from assay.recipe import Recipe
from assay.stages.discipline import work_of_steps
from assay.stages.tuning_budget import Sizes, plan_tuning, work_of
from assay.training import train as training
from assay.trial import in_turn, measure_on
from assay.tuning import range_test
from assay.tuning.discipline import TRAININGS, discipline
from assay.tuning.search import Bench
from assay.tuning.space import Span
from assay.tuning.thorough import Plan, tune_thoroughly

SPACE = {"learning_rate": Span(1e-8, 1e-1, log=True)}
RECIPE = Recipe(model=MLP(hidden=(8,)), optimizer=AdamW(learning_rate=1e-2), batch_size=8, epochs=6)
PLAN = Plan(SPACE, finds_rate=False, trials=9, final_seeds=2, judging_seeds=3)


def test_looks_by_hand() -> None:
    """The recipe's own: four. Finals and judging: one each, at the end."""
    fresh = 4 + 3 * 2 + 2 * 3
    assert work_of(PLAN).looks == pytest.approx(4 * 0.6 * 9 + 9 / 2 + fresh)
    assert work_of(replace(PLAN, halving=True)).looks == 9 + 3 + 1 + fresh
    ninths = replace(PLAN, halving=True, search="tpe")
    assert work_of(ninths).looks == pytest.approx(9 * (1 + 3 * 2 / 9 + 2 / 3) + 8 + fresh)
    assert work_of(replace(ninths, trials=27)).looks == pytest.approx(9 * 7 + 24 + fresh)


def count_looks(monkeypatch: pytest.MonkeyPatch, module: ModuleType, looks: list[int]) -> None:
    """Each evaluation that this module asks for."""
    evaluate = module.evaluate

    def counted(*given: Any, **more: Any) -> Any:
        looks.append(1)
        return evaluate(*given, **more)

    monkeypatch.setattr(module, "evaluate", counted)


@pytest.mark.parametrize(("search", "halving"), [("random", False), ("random", True), ("tpe", False), ("tpe", True)])
def test_a_tuning_looks_about_as_often_as_planned(
    search: str, halving: bool, tiny_images: Data, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exact where rounds are; else half and double, as which trial is stopped at which look is luck.

    Rates that learn and rates that do not: where all trials tie, none is stopped.
    """
    looks: list[int] = []
    count_looks(monkeypatch, training, looks)
    plan = replace(PLAN, search=search, halving=halving)
    tuned = tune_thoroughly(RECIPE, tiny_images, in_turn(measure_on(tiny_images)), plan, seed=0)
    judging = 2 * 3 if tuned.gain is not None else 3
    fresh = len(tuned.rounds[0].few) * 2 + judging
    planned = work_of(plan).looks - 3 * 2 - 2 * 3
    searching = len(looks) - fresh
    if halving and search == "random":
        assert searching == planned
    else:
        assert planned / 2 <= searching <= 2 * planned


def test_the_disciplined_steps_do_as_much_as_is_planned(tiny_images: Data, monkeypatch: pytest.MonkeyPatch) -> None:
    """They were planned as 13 settings of a search, of which poor ones stop early, with finals: 28 trainings for 23."""
    of_trainings, of_test = list[int](), list[int]()
    count_looks(monkeypatch, training, of_trainings)
    count_looks(monkeypatch, range_test, of_test)
    done = discipline(RECIPE, tiny_images, in_turn(measure_on(tiny_images)), bench=Bench(RECIPE, tiny_images),
                      judging_seeds=3, range_steps=30)  # fmt: skip
    work = work_of_steps(replace(PLAN, judging_seeds=3, range_steps=30))
    assert (work.trainings, work.looks, work.range_steps) == (13 + 2 * 3, 13 + 2 * 3 + 20, 30)
    # A decay of 0 is not bisected: those trainings are left out.
    left_out = TRAININGS - len(done.momentum) - len(done.decay)
    assert left_out in (0, 2, 4)
    assert len(of_trainings) == work.trainings - left_out
    # It ends where the loss breaks.
    assert 0 < len(of_test) <= work.looks - work.trainings


def test_where_judging_is_dear_more_looks_are_shorter_trainings() -> None:
    """At a look of half a second, nine looks of each of a search are not paid with what four cost."""
    speed, sizes = Speed(step=1e-3, evaluation=1e-3), Sizes(train=5000, validation=FEWEST_VALIDATION)
    recipe = RECIPE.change(batch_size=50)
    for search in ("random", "tpe"):
        asked = Plan(SPACE, search=search, halving=True, trials=27)
        plan, lengths = plan_tuning(100.0, speed, recipe, sizes, asked, trials=27, epochs=None)
        steps = lengths.epochs * (lengths.examples // recipe.batch_size)
        seconds = plan.cost * steps * speed.step + work_of(plan).looks * speed.evaluation * lengths.validation
        assert seconds + plan.range_steps * speed.step <= 100.0 + plan.cost * speed.step
