"""Random search: its settings, its memory, and what it does with trials that end badly."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator
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
from assay.tricks.optimizer.weight_decay import WeightDecay
from assay.tuning import search as search_module
from assay.tuning.search import Searched, search, settings_of, with_settings

BOUNDS = {"learning_rate": (1e-4, 1e-1), "weight_decay": (1e-5, 1e-1)}
RECIPE = Recipe(model=MLP(hidden=(8,)), optimizer=AdamW(learning_rate=1e-2), batch_size=8, epochs=3)
EXPLODING = Recipe(model=MLP(hidden=(8,)), loss=MeanSquaredError(), optimizer=SGD(learning_rate=1e12),
                   batch_size=8, epochs=3)  # fmt: skip


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The learning rates of the trainings that were started."""
    rates: list[float] = []

    class Spy(Training):
        def __init__(self, recipe: Recipe, *args: Any, **options: Any) -> None:
            rates.append(recipe.optimizer.learning_rate)
            super().__init__(recipe, *args, **options)

    monkeypatch.setattr(search_module, "Training", Spy)
    return rates


def storage_in(folder: Path) -> str:
    return f"sqlite:///{folder / 'study.db'}"


class TestSettings:
    def test_trial_0_is_the_recipe_as_it_is(self) -> None:
        assert settings_of(0, RECIPE, BOUNDS, seed=3) == {"learning_rate": 1e-2, "weight_decay": 0.01}
        assert with_settings(RECIPE, settings_of(0, RECIPE, BOUNDS, seed=3)) == RECIPE

    def test_a_function_of_number_and_seed(self) -> None:
        drawn = {(number, seed): settings_of(number, RECIPE, BOUNDS, seed) for number in range(1, 5) for seed in (0, 1)}
        again = {key: settings_of(key[0], RECIPE, BOUNDS, key[1]) for key in reversed(drawn)}
        assert drawn == again
        assert len({tuple(settings.values()) for settings in drawn.values()}) == 8

    def test_log_uniform_within_bounds(self) -> None:
        """Of 600 draws over three decades, a third falls into each: 200, with a deviation of 12."""
        rates = [settings_of(number, RECIPE, BOUNDS, seed=0)["learning_rate"] for number in range(1, 601)]
        assert all(1e-4 <= rate <= 1e-1 for rate in rates)
        decades = [sum(10.0**low <= rate < 10.0 ** (low + 1) for rate in rates) for low in (-4, -3, -2)]
        assert all(150 <= count <= 250 for count in decades)

    def test_settings_go_under_the_tricks(self) -> None:
        changed = with_settings(RECIPE | WeightDecay(0.3), {"learning_rate": 0.5})
        assert changed.optimizer == AdamW(learning_rate=0.5, weight_decay=0.3)


class TestMemory:
    def test_a_search_that_was_stopped_repeats_nothing(
        self, tiny_images: Data, tmp_path: Path, trained: list[float]
    ) -> None:
        def stop_after_two(number: int, _: Searched) -> None:
            if number == 1:
                raise KeyboardInterrupt

        options = {"trials": 4, "storage": storage_in(tmp_path), "folder": tmp_path}
        with pytest.raises(KeyboardInterrupt):
            search(RECIPE, tiny_images, BOUNDS, on_trial=stop_after_two, **options)
        assert len(trained) == 2
        resumed = search(RECIPE, tiny_images, BOUNDS, **options)
        assert len(trained) == 4
        assert len(set(trained)) == 4
        assert [r.settings for r in resumed] == [settings_of(number, RECIPE, BOUNDS, 0) for number in range(4)]
        undisturbed = search(RECIPE, tiny_images, BOUNDS, trials=2)
        assert [(r.value, r.loss) for r in resumed[:2]] == [(r.value, r.loss) for r in undisturbed]
        assert search(RECIPE, tiny_images, BOUNDS, **options) == resumed
        assert len(trained) == 6  # two of them for the undisturbed search

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

        options = {"trials": 1, "storage": storage_in(tmp_path), "folder": tmp_path}
        with monkeypatch.context() as patch:
            patch.setattr(search_module, "Training", Stopped)
            with pytest.raises(KeyboardInterrupt):
                search(RECIPE, tiny_images, BOUNDS, **options)
        assert len(list(tmp_path.glob("*.checkpoint"))) == 1
        (resumed,) = search(RECIPE, tiny_images, BOUNDS, **options)
        assert steps == [0, 1, 2, 3, 4]
        (undisturbed,) = search(RECIPE, tiny_images, BOUNDS, trials=1)
        assert resumed == undisturbed
        assert not list(tmp_path.glob("*.checkpoint"))

    def test_another_seed_or_recipe_in_the_same_study_is_another_trial(
        self, tiny_images: Data, tmp_path: Path, trained: list[float]
    ) -> None:
        for recipe, seed in ((RECIPE, 0), (RECIPE, 1), (RECIPE.change(epochs=2), 0), (RECIPE, 0)):
            search(recipe, tiny_images, BOUNDS, trials=1, seed=seed, storage=storage_in(tmp_path))
        assert len(trained) == 3

    def test_other_data_in_the_same_study_is_another_trial(
        self, tiny_images: Data, tmp_path: Path, trained: list[float]
    ) -> None:
        search(RECIPE, tiny_images, BOUNDS, trials=1, storage=storage_in(tmp_path))
        swapped = replace(tiny_images, train=tiny_images.validation, validation=tiny_images.train)
        search(RECIPE, swapped, BOUNDS, trials=1, storage=storage_in(tmp_path))
        assert len(trained) == 2

    def test_the_database_is_let_go_of(self, tiny_images: Data, tmp_path: Path) -> None:
        """A database in write-ahead mode is one file again when its last connection is closed."""
        with closing(sqlite3.connect(tmp_path / "study.db")) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
        search(RECIPE, tiny_images, BOUNDS, trials=1, storage=storage_in(tmp_path))
        assert [path.name for path in tmp_path.iterdir()] == ["study.db"]


class TestTime:
    def test_stops_when_time_is_up(self, tiny_images: Data) -> None:
        answers = iter([True, True, False])
        results = search(RECIPE, tiny_images, BOUNDS, trials=5, time_is_left=lambda: next(answers))
        assert len(results) == 2

    def test_no_time_at_all(self, tiny_images: Data) -> None:
        assert search(RECIPE, tiny_images, BOUNDS, trials=5, time_is_left=lambda: False) == []

    def test_finished_trials_are_told_also_without_time(self, tiny_images: Data, tmp_path: Path) -> None:
        found = search(RECIPE, tiny_images, BOUNDS, trials=2, storage=storage_in(tmp_path))
        again = search(RECIPE, tiny_images, BOUNDS, trials=5, storage=storage_in(tmp_path), time_is_left=lambda: False)
        assert again == found


class TestBadEnds:
    def test_a_training_that_diverges_is_pruned(self, tiny_table: Data) -> None:
        (result,) = search(EXPLODING, tiny_table, {"learning_rate": (1e12, 1e13)}, trials=1)
        assert result.pruned
        assert result.loss == math.inf
        assert math.isnan(result.value)

    def test_a_last_update_that_explodes_is_pruned(self, tiny_table: Data) -> None:
        """The loss before the only update is finite; the weights after it are not."""
        once = EXPLODING.change(epochs=0.25, optimizer=SGD(learning_rate=1e38))
        (result,) = search(once, tiny_table, {"learning_rate": (1e38, 1e38)}, trials=1)
        assert result.pruned
        assert result.loss == math.inf

    def test_the_search_goes_on_after_it_and_remembers_it(self, tiny_table: Data, tmp_path: Path) -> None:
        bounds = {"learning_rate": (1e-3, 1e-2)}
        found = search(EXPLODING, tiny_table, bounds, trials=3, storage=storage_in(tmp_path))
        assert [result.pruned for result in found] == [True, False, False]
        again = search(EXPLODING, tiny_table, bounds, trials=3, storage=storage_in(tmp_path))
        assert again[1:] == found[1:]
        assert again[0].pruned

    def test_a_poor_start_stops_early(self, tiny_images: Data, monkeypatch: pytest.MonkeyPatch) -> None:
        """Three trials that learn, then one whose rate is too small to."""
        rates = [1e-2, 2e-2, 3e-2, 4e-2, 1e-9]
        monkeypatch.setattr(search_module, "settings_of", lambda number, *_: {"learning_rate": rates[number]})
        recipe = RECIPE.change(epochs=20)
        results = search(recipe, tiny_images, {"learning_rate": (1e-9, 1e-1)}, trials=5)
        assert [result.pruned for result in results] == [False, False, False, False, True]
        assert results[-1].value < results[0].value


def test_leaves_optunas_log_level_quiet_and_random_state_alone(
    tiny_images: Data, random_state_untouched: None, capsys: pytest.CaptureFixture[str]
) -> None:
    search(RECIPE, tiny_images, BOUNDS, trials=2)
    assert optuna.logging.get_verbosity() == optuna.logging.WARNING
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "")


def test_trains_on_the_device_it_is_told(tiny_images: Data) -> None:
    with pytest.raises(InputError, match="device 'abacus'"):
        search(RECIPE, tiny_images, BOUNDS, trials=1, device="abacus")
