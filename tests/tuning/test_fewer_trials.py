"""A search that tried fewer settings than were asked for says why."""

from __future__ import annotations

from itertools import chain, repeat

import pytest

from assay.data.data import Data
from assay.models.mlp import MLP
from assay.optimizers import AdamW
from assay.recipe import Recipe
from assay.trial import in_turn, measure_on
from assay.tuning.space import Choice, Space, Span
from assay.tuning.thorough import Plan, Tuned, tune_thoroughly
from assay.tuning.thorough_findings import tell_tuned

RECIPE = Recipe(model=MLP(hidden=(4,)), optimizer=AdamW(learning_rate=1e-3), batch_size=8, epochs=1)
DECAY: Space = {"weight_decay": Span(1e-4, 1e-1, log=True)}


def tuned(data: Data, plan: Plan, *, asked_before_time_is_up: int = 1000) -> Tuned:
    shares = chain(repeat(0.0, asked_before_time_is_up), repeat(0.999))
    return tune_thoroughly(RECIPE, data, in_turn(measure_on(data)), plan, share_used=lambda: next(shares))


def told(done: Tuned) -> str:
    return tell_tuned(done, "accuracy")[0].summary


def plan(space: Space, **options) -> Plan:
    return Plan(space, finds_rate=False, trials=5, final_seeds=2, judging_seeds=0, **options)


@pytest.mark.parametrize("search", ["random", "tpe"])
def test_time_was_up(search: str, tiny_images: Data) -> None:
    done = tuned(tiny_images, plan(DECAY, search=search), asked_before_time_is_up=3)
    assert "search tried 3 of 5 settings (there was no time to try more) at the cost of" in told(done)
    assert done.rounds[0].is_cut_short


def test_all_were_tried(tiny_images: Data) -> None:
    done = tuned(tiny_images, plan(DECAY))
    assert "The random search tried 5 settings at the cost of" in told(done)
    assert not done.rounds[0].is_cut_short


def test_there_were_no_others(tiny_images: Data) -> None:
    done = tuned(tiny_images, plan({"batch_size": Choice((4, 8))}))
    assert "The random search tried 2 of 5 settings (it came upon no others) at the cost of" in told(done)


def test_a_grid_has_as_many_as_it_has(tiny_images: Data) -> None:
    done = tuned(tiny_images, plan({"batch_size": Choice((4, 8))}, search="grid"))
    assert "The grid search tried 2 settings at the cost of" in told(done)


def test_a_halving_that_ran_out_of_time_after_its_first_round(tiny_images: Data) -> None:
    done = tuned(tiny_images, plan(DECAY, halving=True), asked_before_time_is_up=5)
    assert "tried 5 of 5 settings (there was no time to train all of them further) at the cost of" in told(done)
