"""Whole studies on tiny data: where trainings are found again, seconds are those of updates timed in turn."""

from __future__ import annotations

import math
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select

import assay
from assay.ablation.costs import InTurn
from assay.ablation.studied import Study
from assay.data.data import Data
from assay.errors import InputError
from assay.models.mlp import MLP
from assay.planning import Speed
from assay.recipe import Recipe
from assay.stages import comparison, session, trick_costs
from assay.store.store import Store
from assay.store.tables import MeasurementRow, TrialRow

RECIPE = Recipe(model=MLP((8,)), batch_size=16, epochs=2)
TIMED = InTurn(7.0, 6.0, 8.0, 7.0, 7.0)


@pytest.fixture
def in_turn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Tricks that were timed in turn, each to seven times the baseline's; seeds agree, however busy the machine is."""
    monkeypatch.setattr(trick_costs, "FURTHEST_APART", math.inf)
    timed: list[str] = []

    def measure(recipe: Recipe, other: Recipe, *args: Any, **options: Any) -> InTurn:
        timed.append(" ".join(type(trick).__name__ for trick in recipe.tricks))
        return TIMED

    monkeypatch.setattr(trick_costs, "measure_in_turn", measure)
    return timed


def study(data: Data, database: Path, tricks: list[str], **options: Any) -> Study:
    return assay.ablate(RECIPE, data, tricks, seeds=2, database=f"sqlite:///{database}", **options)


def test_a_stored_baseline_gives_no_trick_its_seconds(tiny_images: Data, tmp_path: Path, in_turn: list[str]) -> None:
    """A baseline of another day made one trick 13 times as slow, whose operations say twice."""
    first = study(tiny_images, tmp_path / "t.db", ["EMA()"])
    assert not in_turn, "trainings tell, and cost nothing more"
    assert not math.isnan(first.effects[0].whole_seconds_ratio)
    second = study(tiny_images, tmp_path / "t.db", ["SAM()", "EMA()"])
    assert in_turn == ["SAM"], "what EMA takes was told when it was trained"
    sam, ema = second.effects
    assert (sam.seconds_per_step_ratio, sam.seconds_range) == (7.0, (6.0, 8.0))
    assert (ema.seconds_per_step_ratio, ema.seconds_range) == (
        first.effects[0].seconds_per_step_ratio, first.effects[0].seconds_range,
    )  # fmt: skip
    assert all(math.isnan(effect.whole_seconds_ratio) for effect in second.effects)
    assert "7.00x (6.00 to 8.00)" in second.table()


def test_at_equal_seconds_lengths_and_the_number_that_is_told_are_one_measurement(
    tiny_images: Data, tmp_path: Path, in_turn: list[str]
) -> None:
    made = study(tiny_images, tmp_path / "t.db", ["SAM()"], equal="seconds")
    assert in_turn == ["SAM"], "timed once"
    assert made.effects[0].seconds_per_step_ratio == 7.0
    assert made.effects[0].epochs == (pytest.approx(2 / 7), 2.0)
    again = study(tiny_images, tmp_path / "t.db", ["SAM()"], equal="seconds")
    assert [one.id for one in again.report.findings if "seconds" in one.id] == ["equal_seconds_unchecked"]


def test_of_a_stack_only_what_is_found_again_is_timed_in_turn(
    tiny_images: Data, tmp_path: Path, in_turn: list[str]
) -> None:
    """All tricks were, because the baseline was found again that only the first of them is held against."""
    study(tiny_images, tmp_path / "t.db", ["EMA()"])
    stack = study(tiny_images, tmp_path / "t.db", ["SAM()", "EMA()", "LabelSmoothing(0.1)"], design="stacked")
    assert in_turn == ["SAM"]
    ratios = [effect.seconds_per_step_ratio for effect in stack.effects]
    assert ratios[0] == 7.0
    assert not any(math.isnan(ratio) or ratio == 7.0 for ratio in ratios[1:])


def test_costs_are_measured_once_for_all_folders(
    tiny_images: Data, tmp_path: Path, in_turn: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A study that was asked again in another folder found its trainings and measured every trick's cost anew."""
    asked = partial(study, tiny_images, tmp_path / "t.db", ["SAM()", "EMA()"])
    first = asked(folder=tmp_path / "first")
    monkeypatch.setattr(trick_costs, "measure_cost", lambda *_, **__: pytest.fail("measured anew"))
    second = asked(folder=tmp_path / "second")
    assert not in_turn, "the first told what its trainings took"
    told = [[(one.seconds_per_step_ratio, one.seconds_range) for one in study.effects] for study in (first, second)]
    assert told[0] == told[1]
    assert first.costs is not None
    assert second.costs is not None
    assert first.costs.tricks == second.costs.tricks


def test_what_seeds_do_not_agree_on_is_timed_anew_by_the_next_study(
    tiny_images: Data, tmp_path: Path, in_turn: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A trick whose operations are the baseline's took .6 of its seconds beside other work, for all studies to come."""
    monkeypatch.setattr(trick_costs, "FURTHEST_APART", 1.0)
    study(tiny_images, tmp_path / "t.db", ["EMA()"])
    assert study(tiny_images, tmp_path / "t.db", ["EMA()"]).effects[0].seconds_per_step_ratio == 7.0
    assert in_turn == ["EMA"]


def test_trainings_that_are_there_take_no_time_of_the_budget(
    tiny_images: Data, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A finished study was refused for a budget in which it could not be trained, after seconds of measuring speed."""
    study(tiny_images, tmp_path / "t.db", ["EMA()"], epochs=300)
    monkeypatch.setattr(comparison, "measure_speed", lambda *_, **__: Speed(1.0, 1.0))
    with pytest.raises(InputError, match="too small for 2 trainings of 300 epochs"):
        study(tiny_images, tmp_path / "t.db", ["EMA()", "SAM()"], epochs=300, budget=5)
    monkeypatch.setattr(comparison, "measure_speed", lambda *_, **__: pytest.fail("speed was measured"))
    assert study(tiny_images, tmp_path / "t.db", ["EMA()"], epochs=300, budget=5).effects[0].n == 2


def test_a_study_that_goes_on_keeps_its_lengths_whatever_the_machine_is_now(
    tiny_images: Data, tmp_path: Path, in_turn: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = partial(study, tiny_images, tmp_path / "t.db", ["SAM()"], equal="seconds", folder=tmp_path / "study")
    before = asked()
    assert before.effects[0].epochs == (pytest.approx(2 / 7), 2.0)
    monkeypatch.setattr(session, "environment_of", lambda device: {"cores": 64})
    monkeypatch.setattr(trick_costs, "measure_in_turn", lambda *_, **__: pytest.fail("timed anew"))
    assert asked().effects[0].epochs == before.effects[0].epochs


def test_at_equal_seconds_what_is_trained_is_asked_for(
    tiny_images: Data, tmp_path: Path, in_turn: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Trainings of equal epochs were asked for, which at equal seconds are not the ones that are trained."""
    monkeypatch.setattr(comparison, "measure_speed", lambda *_, **__: Speed(1.0, 1.0))
    study(tiny_images, tmp_path / "t.db", ["SAM()"], epochs=30)
    asked = partial(study, tiny_images, tmp_path / "t.db", ["SAM()"], epochs=30, equal="seconds")
    with pytest.raises(InputError, match="too small for 2 trainings of 30 epochs"):
        asked(budget=5)
    asked()
    assert asked(budget=5).effects[0].n == 2


def test_at_equal_seconds_a_stack_tells_seconds_of_what_it_compares(
    tiny_images: Data, tmp_path: Path, in_turn: list[str]
) -> None:
    study(tiny_images, tmp_path / "t.db", ["SAM()", "EMA()"], design="leave-one-out", equal="seconds")
    assert set(in_turn) == {"SAM EMA", "SAM", "EMA"}
    assert in_turn.count("SAM EMA") == 3, "against what it is without each, and against the baseline for its length"


def test_seconds_over_many_stacks_are_not_those_of_two_recipes(
    tiny_images: Data, tmp_path: Path, in_turn: list[str]
) -> None:
    """A factorial's mean over stacks was found again as what the trick alone takes."""
    study(tiny_images, tmp_path / "t.db", ["SAM()", "EMA()"], design="factorial")
    assert not in_turn
    study(tiny_images, tmp_path / "t.db", ["SAM()"])
    assert in_turn == ["SAM"]


def test_places_that_do_not_agree_are_kept_for_the_run_alone(
    tiny_images: Data, tmp_path: Path, in_turn: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trick_costs, "FURTHEST_APART", 1.25)
    asked = partial(study, tiny_images, tmp_path / "t.db", ["SAM()"], equal="seconds")
    for folder, timed in (("first", 1), ("first", 1), ("second", 2)):
        asked(folder=tmp_path / folder)
        assert len(in_turn) == timed, folder


def test_one_seed_alone_is_no_agreement(tiny_images: Data, tmp_path: Path, in_turn: list[str]) -> None:
    assay.ablate(RECIPE, tiny_images, ["EMA()"], seeds=2, seed=1, database=f"sqlite:///{tmp_path / 't.db'}",
                 all_seeds=True, epochs=1)  # fmt: skip
    with closing(Store(f"sqlite:///{tmp_path / 't.db'}")) as store, store.engine.begin() as connection:
        connection.execute(delete(MeasurementRow))
        connection.execute(delete(TrialRow).where(TrialRow.seed == 1))
    assay.ablate(RECIPE, tiny_images, ["EMA()"], seeds=2, seed=1, database=f"sqlite:///{tmp_path / 't.db'}",
                 all_seeds=True, epochs=1)  # fmt: skip
    with closing(Store(f"sqlite:///{tmp_path / 't.db'}")) as store, store.engine.begin() as connection:
        kept = connection.execute(select(MeasurementRow.key).where(MeasurementRow.key.contains("trainings"))).all()
    assert kept == []


def test_a_cheap_study_keeps_what_its_trainings_told(tiny_images: Data, tmp_path: Path, in_turn: list[str]) -> None:
    tricks = ["EMA()", "SAM()", "LabelSmoothing(0.1)", "Mixup(0.2)", "Dropout(0.2)"]
    asked = partial(study, tiny_images, tmp_path / "t.db", tricks, fidelity=0.5)
    asked(folder=tmp_path / "first")
    asked(folder=tmp_path / "second")
    assert not in_turn
