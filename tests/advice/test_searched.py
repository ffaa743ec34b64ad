"""A tuning is known to the advice, whichever command made it and however its search proposed."""

from __future__ import annotations

import pytest
from measured import finding, short_of_target

from assay.advice.judgement import Advised, Fine
from assay.advice.rules import search_effort, searched_rate
from assay.data.data import Data
from assay.finding import Finding
from assay.models.mlp import MLP
from assay.optimizers import AdamW
from assay.recipe import Recipe
from assay.trial import in_turn, measure_on
from assay.tuning.space import Span
from assay.tuning.thorough import Plan, tune_thoroughly
from assay.tuning.thorough_findings import SOURCES, tell_tuned


def told(*found: Finding) -> dict[str, Finding]:
    return {f"tune.{one.id}": one for one in found}


def a_tuning(search: str = "random", *, draws: int = 4, **edges: str) -> dict[str, Finding]:
    made = finding("search_round_1", trials=draws)
    made = Finding(made.id, "note", made.summary, made.evidence, source=SOURCES[search])
    bracket = finding("learning_rate_bracket", rates=[0.01, 0.03])
    return told(finding("tuned", best={"learning_rate": 0.03}, edges=edges), made, bracket)


def test_a_finished_tuning_is_read(tiny_images: Data):
    recipe = Recipe(model=MLP((8,)), optimizer=AdamW(1e-4), epochs=2.0, batch_size=8)
    plan = Plan({"weight_decay": Span(1e-4, 0.1, log=True)}, trials=2, final_seeds=2, judging_seeds=2, range_steps=20)
    tuned = tune_thoroughly(recipe, tiny_images, in_turn(measure_on(tiny_images)), plan)
    run = short_of_target(findings=told(*tell_tuned(tuned, "accuracy")))
    rate, effort = searched_rate.judge(run), search_effort.judge(run)
    assert isinstance(rate, Fine)
    assert isinstance(effort, Advised)
    assert effort.measured.startswith("2 random settings were tried: one of the best 5 %")


@pytest.mark.parametrize(("search", "word"), [("tpe", "TPE"), ("grid", "grid"), ("cmaes", "CMA-ES")])
def test_a_search_of_another_kind_is_not_called_random(search: str, word: str):
    effort = search_effort.judge(short_of_target(findings=a_tuning(search)))
    assert isinstance(effort, Advised)
    assert effort.measured == f"4 {word} settings were tried."


def test_a_best_rate_at_the_edge_asks_for_more():
    found = searched_rate.judge(short_of_target(findings=a_tuning(learning_rate="above")))
    assert isinstance(found, Advised)
    assert found.measured == "The best rate of 7 settings, 0.03, lies at the upper end of the search."


def test_a_tuning_of_other_settings_leaves_the_rate_unsearched():
    found = searched_rate.judge(short_of_target(findings=told(finding("tuned", best={"weight_decay": 0.1}, edges={}))))
    assert isinstance(found, Advised)
    assert found.action == "Search for the learning rate before any other setting."


def test_the_disciplined_approach_is_a_search_for_the_rate():
    findings = told(finding("discipline"), finding("weight_decay", values=[[0.1, 0.5]] * 5))
    assert isinstance(searched_rate.judge(short_of_target(findings=findings)), Fine)
    effort = search_effort.judge(short_of_target(findings=findings))
    assert isinstance(effort, Advised)
    assert effort.measured == "5 chosen settings were tried."
