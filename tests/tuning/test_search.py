"""A search: its memory, and what it does with trials that end badly."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import optuna
import pytest

from assay.data.data import Data
from assay.errors import InputError
from assay.losses import MeanSquaredError
from assay.models.mlp import MLP
from assay.optimizers import SGD, AdamW
from assay.recipe import Recipe
from assay.training import Training
from assay.tuning import pruned_training
from assay.tuning.memory import Place, open_memory
from assay.tuning.search import Bench, search
from assay.tuning.searched import Searched
from assay.tuning.space import Span
from assay.tuning.strategy import Strategy, cmaes, grid_settings, in_order, random_search, random_settings, tpe

SPACE = {"learning_rate": Span(1e-4, 1e-1, log=True), "weight_decay": Span(1e-5, 1e-1, log=True)}
RECIPE = Recipe(model=MLP(hidden=(8,)), optimizer=AdamW(learning_rate=1e-2), batch_size=8, epochs=3)
EXPLODING = Recipe(model=MLP(hidden=(8,)), loss=MeanSquaredError(), optimizer=SGD(learning_rate=1e12),
                   batch_size=8, epochs=3)  # fmt: skip
STRATEGIES: dict[str, Callable[[], Strategy]] = {
    "random": lambda: random_search(SPACE, 0),
    "grid": lambda: in_order(grid_settings(SPACE, 6)),
    "tpe": lambda: tpe(SPACE, 0),
    "cmaes": lambda: cmaes(SPACE, 0),
}


def run_search(
    recipe: Recipe, data: Data, strategy: Strategy | None = None, *, trials: int = 3, place: Place | None = None,
    pruner: str = "median", **options: Any,
) -> list[Searched]:  # fmt: skip
    with open_memory(place or Place(), pruner) as memory:
        return search(Bench(recipe, data, **options), memory, strategy or random_search(SPACE, 0), trials=trials)


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The learning rates of the trainings that were started."""
    rates: list[float] = []

    class Spy(Training):
        def __init__(self, recipe: Recipe, *args: Any, **options: Any) -> None:
            rates.append(recipe.optimizer.learning_rate)
            super().__init__(recipe, *args, **options)

    monkeypatch.setattr(pruned_training, "Training", Spy)
    return rates


def place_in(folder: Path) -> Place:
    return Place(f"sqlite:///{folder / 'study.db'}", folder=folder)


class TestMemory:
    @pytest.mark.parametrize("name", STRATEGIES)
    def test_a_search_that_was_stopped_goes_on_as_if_it_had_not_been(
        self, name: str, tiny_images: Data, tmp_path: Path, trained: list[float]
    ) -> None:
        """Twelve trials: beyond the ten that TPE draws at random, and two generations of CMA-ES."""
        many = 6 if name == "grid" else 12
        stops = {1, 4, 10}

        def stop(number: int, _: Searched) -> None:
            if number in stops:
                stops.remove(number)
                raise KeyboardInterrupt

        place = place_in(tmp_path)
        while stops & set(range(many)):
            with pytest.raises(KeyboardInterrupt):
                run_search(RECIPE, tiny_images, STRATEGIES[name](), trials=many, place=place, on_trial=stop)
        resumed = run_search(RECIPE, tiny_images, STRATEGIES[name](), trials=many, place=place)
        assert len(trained) == many
        assert resumed == run_search(RECIPE, tiny_images, STRATEGIES[name](), trials=many)

    def test_a_trial_that_was_stopped_half_way_goes_on_and_counts_once(
        self, tiny_images: Data, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        steps: list[int] = []

        class Stopped(Training):
            def __iter__(self) -> Iterator[Any]:
                for step in super().__iter__():
                    steps.append(step.number)
                    yield step
                    if step.number == 4:
                        self.save()
                        raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(pruned_training, "Training", Stopped)
            with pytest.raises(KeyboardInterrupt):
                run_search(RECIPE, tiny_images, trials=1, place=place_in(tmp_path))
        assert len(list(tmp_path.glob("*.checkpoint"))) == 1
        (resumed,) = run_search(RECIPE, tiny_images, trials=1, place=place_in(tmp_path))
        assert steps == [0, 1, 2, 3, 4]
        (undisturbed,) = run_search(RECIPE, tiny_images, trials=1)
        assert resumed == undisturbed
        assert not list(tmp_path.glob("*.checkpoint"))

    def test_one_that_goes_on_tells_the_pruner_its_earlier_looks_too(
        self, tiny_images: Data, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Its best look so far decides whether it is stopped, and may lie before the kill."""

        class Stopped(Training):
            def __iter__(self) -> Iterator[Any]:
                for step in super().__iter__():
                    yield step
                    if len(self.history.looks) == 2:
                        self.save()
                        raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(pruned_training, "Training", Stopped)
            with pytest.raises(KeyboardInterrupt):
                run_search(RECIPE, tiny_images, trials=1, place=place_in(tmp_path))
        with open_memory(place_in(tmp_path)) as memory:
            search(Bench(RECIPE, tiny_images), memory, random_search(SPACE, 0), trials=1)
            (trial,) = memory.study.trials
        assert sorted(trial.intermediate_values) == [1, 2, 3]

    def test_another_seed_or_recipe_in_the_same_study_is_another_trial(
        self, tiny_images: Data, tmp_path: Path, trained: list[float]
    ) -> None:
        for recipe, seed in ((RECIPE, 0), (RECIPE, 1), (RECIPE.change(epochs=2), 0), (RECIPE, 0)):
            run_search(recipe, tiny_images, trials=1, seed=seed, place=place_in(tmp_path))
        assert len(trained) == 3

    def test_other_data_in_the_same_study_is_another_trial(
        self, tiny_images: Data, tmp_path: Path, trained: list[float]
    ) -> None:
        run_search(RECIPE, tiny_images, trials=1, place=place_in(tmp_path))
        swapped = replace(tiny_images, train=tiny_images.validation, validation=tiny_images.train)
        run_search(RECIPE, swapped, trials=1, place=place_in(tmp_path))
        assert len(trained) == 2

    def test_the_database_is_let_go_of(self, tiny_images: Data, tmp_path: Path) -> None:
        """A database in write-ahead mode is one file again when its last connection is closed."""
        with closing(sqlite3.connect(tmp_path / "study.db")) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
        run_search(RECIPE, tiny_images, trials=1, place=place_in(tmp_path))
        assert [path.name for path in tmp_path.iterdir()] == ["study.db"]

    def test_a_database_that_does_not_answer_is_told_without_its_password(self) -> None:
        place = Place("sqlite:////nowhere/at/all/study.db")
        with pytest.raises(InputError, match="database of trials cannot be opened"), open_memory(place):
            pass


class TestProposals:
    def test_settings_that_come_again_are_one_trial(self, tiny_images: Data, trained: list[float]) -> None:
        again = [{"learning_rate": rate} for rate in (1e-2, 1e-3, 1e-2, 1e-3, 3e-3)]
        found = run_search(RECIPE, tiny_images, in_order(again), trials=5)
        assert [one.settings["learning_rate"] for one in found] == [1e-2, 1e-3, 3e-3]
        assert len(trained) == 3

    def test_a_strategy_that_has_no_more_ends_the_search(self, tiny_images: Data) -> None:
        assert len(run_search(RECIPE, tiny_images, in_order([{"learning_rate": 1e-2}]), trials=5)) == 1


class TestTime:
    def test_stops_when_time_is_up(self, tiny_images: Data) -> None:
        answers = iter([True, True, False])
        assert len(run_search(RECIPE, tiny_images, trials=5, time_is_left=lambda: next(answers))) == 2

    def test_no_time_at_all(self, tiny_images: Data) -> None:
        assert run_search(RECIPE, tiny_images, trials=5, time_is_left=lambda: False) == []

    def test_finished_trials_are_told_also_without_time(self, tiny_images: Data, tmp_path: Path) -> None:
        found = run_search(RECIPE, tiny_images, trials=2, place=place_in(tmp_path))
        again = run_search(RECIPE, tiny_images, trials=5, place=place_in(tmp_path), time_is_left=lambda: False)
        assert again == found


class TestBadEnds:
    def test_a_training_that_diverges_is_pruned(self, tiny_table: Data) -> None:
        (result,) = run_search(EXPLODING, tiny_table, in_order([{"learning_rate": 1e12}]), trials=1)
        assert result.pruned
        assert result.diverged
        assert result.loss == math.inf
        assert math.isnan(result.value)

    def test_a_last_update_that_explodes_is_pruned(self, tiny_table: Data) -> None:
        """The loss before the only update is finite; the weights after it are not."""
        once = EXPLODING.change(epochs=0.25, optimizer=SGD(learning_rate=1e38))
        (result,) = run_search(once, tiny_table, in_order([{"learning_rate": 1e38}]), trials=1)
        assert result.pruned
        assert result.loss == math.inf

    def test_the_search_goes_on_after_it_and_remembers_it(self, tiny_table: Data, tmp_path: Path) -> None:
        rates = [{"learning_rate": rate} for rate in (1e12, 1e-3, 1e-2)]
        found = run_search(EXPLODING, tiny_table, in_order(rates), place=place_in(tmp_path))
        assert [result.pruned for result in found] == [True, False, False]
        again = run_search(EXPLODING, tiny_table, in_order(rates), place=place_in(tmp_path))
        assert again[1:] == found[1:]
        assert again[0].pruned

    def test_a_poor_start_stops_early(self, tiny_images: Data) -> None:
        """Three trials that learn, then one whose rate is too small to."""
        rates = [{"learning_rate": rate} for rate in (1e-2, 2e-2, 3e-2, 4e-2, 1e-9)]
        results = run_search(RECIPE.change(epochs=20), tiny_images, in_order(rates), trials=5)
        assert [result.pruned for result in results] == [False, False, False, False, True]
        assert results[-1].value < results[0].value
        assert results[-1].share == 0.25

    @pytest.mark.parametrize("sampler", [tpe, cmaes])
    def test_samplers_go_on_after_trials_that_diverged(
        self, sampler: Callable[..., Strategy], tiny_table: Data
    ) -> None:
        space = {"learning_rate": Span(1e-3, 1e12, log=True), "momentum": Span(0.0, 0.95)}
        found = run_search(EXPLODING, tiny_table, sampler(space, 0), trials=12)
        assert len(found) == 12
        assert any(one.diverged for one in found)


def test_leaves_optunas_log_level_quiet_and_random_state_alone(
    tiny_images: Data, random_state_untouched: None, capsys: pytest.CaptureFixture[str]
) -> None:
    run_search(RECIPE, tiny_images, trials=2)
    assert optuna.logging.get_verbosity() == optuna.logging.WARNING
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "")


def test_trains_on_the_device_it_is_told(tiny_images: Data) -> None:
    with pytest.raises(InputError, match="device 'abacus'"):
        run_search(RECIPE, tiny_images, trials=1, device="abacus")


def test_random_settings_are_tried_in_their_order(tiny_images: Data) -> None:
    found = run_search(RECIPE, tiny_images)
    assert [one.settings for one in found] == [random_settings(number, SPACE, 0) for number in (1, 2, 3)]
