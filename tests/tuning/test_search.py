"""A search: its memory, and what it does with trials that end badly."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import optuna
import pytest
from remembering import Remembering

from assay.data.data import Data
from assay.errors import InputError
from assay.losses import MeanSquaredError
from assay.models.mlp import MLP
from assay.optimizers import SGD, AdamW
from assay.recipe import Recipe
from assay.training import part as training_part
from assay.training.train import Training
from assay.tuning.search import FIRST_BATCH, Bench, search, try_all
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
    recipe: Recipe, data: Data, strategy: Strategy | None = None, *, trials: int = 3, learns: bool = False,
    **options: Any,
) -> list[Searched]:  # fmt: skip
    find = search if learns else try_all
    return find(Bench(recipe, data, **options), strategy or random_search(SPACE, 0), trials=trials)


class TestMemory:
    @pytest.mark.parametrize("name", STRATEGIES)
    def test_a_search_that_was_stopped_goes_on_as_if_it_had_not_been(self, name: str, tiny_images: Data) -> None:
        """Twelve trials: beyond the ten that TPE draws at random, and two generations of CMA-ES."""
        many, learns = 6 if name == "grid" else 12, name in ("tpe", "cmaes")
        stops = {1, 4, 10}

        def stop(number: int, _: Searched) -> None:
            if number in stops:
                stops.remove(number)
                raise KeyboardInterrupt

        trainer = Remembering()
        while stops & set(range(many)):
            with pytest.raises(KeyboardInterrupt):
                run_search(RECIPE, tiny_images, STRATEGIES[name](), trials=many, learns=learns, trainer=trainer,
                           on_trial=stop)  # fmt: skip
        resumed = run_search(RECIPE, tiny_images, STRATEGIES[name](), trials=many, learns=learns, trainer=trainer)
        assert trainer.anew == many
        assert resumed == run_search(RECIPE, tiny_images, STRATEGIES[name](), trials=many, learns=learns)

    def test_a_trial_that_was_stopped_half_way_goes_on_with_its_earlier_looks(
        self, tiny_images: Data, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Its best look so far decides whether it is stopped, and may lie before the kill."""
        steps: list[int] = []

        class Stopped(Training):
            def __iter__(self) -> Iterator[Any]:
                for step in super().__iter__():
                    steps.append(step.number)
                    yield step
                    if step.number == 4:
                        self.save()
                        raise KeyboardInterrupt

        trainer = Remembering(tmp_path)
        with monkeypatch.context() as patch:
            patch.setattr(training_part, "Training", Stopped)
            with pytest.raises(KeyboardInterrupt):
                run_search(RECIPE, tiny_images, trials=1, trainer=trainer)
        assert len(list(tmp_path.glob("*.checkpoint"))) == 1
        (resumed,) = run_search(RECIPE, tiny_images, trials=1, trainer=trainer)
        assert steps == [0, 1, 2, 3, 4]
        (undisturbed,) = run_search(RECIPE, tiny_images, trials=1)
        assert resumed == undisturbed
        assert len(resumed.looks) == 3
        assert not list(tmp_path.glob("*.checkpoint"))

    def test_another_seed_or_recipe_is_another_trial(self, tiny_images: Data) -> None:
        trainer = Remembering()
        for recipe, seed in ((RECIPE, 0), (RECIPE, 1), (RECIPE.change(epochs=2), 0), (RECIPE, 0)):
            run_search(recipe, tiny_images, trials=1, seed=seed, trainer=trainer)
        assert trainer.anew == 3

    def test_other_data_is_another_trial(self, tiny_images: Data) -> None:
        trainer = Remembering()
        run_search(RECIPE, tiny_images, trials=1, trainer=trainer)
        swapped = replace(tiny_images, train=tiny_images.validation, validation=tiny_images.train)
        run_search(RECIPE, swapped, trials=1, trainer=trainer)
        assert trainer.anew == 2


class TestManyAtOnce:
    def test_others_that_do_them_in_any_order_find_the_same(self, tiny_images: Data) -> None:
        """Which trials end early depends on the batches before, never on who was faster."""
        alone = run_search(RECIPE.change(epochs=8), tiny_images, trials=14)
        together = Remembering(together=True)
        assert run_search(RECIPE.change(epochs=8), tiny_images, trials=14, trainer=together) == alone
        assert any(one.pruned for one in alone)
        assert together.portions == [4, 4, 6]

    def test_the_first_batch_is_trained_to_its_end(self, tiny_images: Data) -> None:
        assert not any(one.pruned for one in run_search(RECIPE, tiny_images, trials=FIRST_BATCH))

    def test_time_is_asked_for_before_each_batch(self, tiny_images: Data) -> None:
        answers = iter([True, True, False])
        found = run_search(RECIPE, tiny_images, trials=14, trainer=Remembering(together=True),
                           time_is_left=lambda: next(answers))  # fmt: skip
        assert len(found) == 8

    def test_of_a_batch_that_time_cut_the_finished_ones_before_the_first_missing_count(self, tiny_images: Data) -> None:
        trainer = Remembering()
        found = run_search(RECIPE, tiny_images, trials=2, trainer=trainer)
        trainer.together = True
        again = run_search(RECIPE, tiny_images, trials=5, trainer=trainer, time_is_left=lambda: False)
        assert again == found


class TestProposals:
    @pytest.mark.parametrize("learns", [False, True])
    def test_settings_that_come_again_are_one_trial(self, learns: bool, tiny_images: Data) -> None:
        again = [{"learning_rate": rate} for rate in (1e-2, 1e-3, 1e-2, 1e-3, 3e-3)]
        found = run_search(RECIPE, tiny_images, in_order(again), trials=5, learns=learns)
        assert [one.settings["learning_rate"] for one in found] == [1e-2, 1e-3, 3e-3]

    def test_a_strategy_that_has_no_more_ends_the_search(self, tiny_images: Data) -> None:
        assert len(run_search(RECIPE, tiny_images, in_order([{"learning_rate": 1e-2}]), trials=5)) == 1


class TestTime:
    def test_stops_when_time_is_up(self, tiny_images: Data) -> None:
        answers = iter([True, True, False])
        assert len(run_search(RECIPE, tiny_images, trials=5, time_is_left=lambda: next(answers))) == 2

    def test_no_time_at_all(self, tiny_images: Data) -> None:
        assert run_search(RECIPE, tiny_images, trials=5, time_is_left=lambda: False) == []

    def test_finished_trials_are_told_also_without_time(self, tiny_images: Data) -> None:
        trainer = Remembering()
        found = run_search(RECIPE, tiny_images, trials=2, trainer=trainer)
        again = run_search(RECIPE, tiny_images, trials=5, trainer=trainer, time_is_left=lambda: False)
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

    def test_the_search_goes_on_after_it(self, tiny_table: Data) -> None:
        rates = [{"learning_rate": rate} for rate in (1e12, 1e-3, 1e-2)]
        found = run_search(EXPLODING, tiny_table, in_order(rates))
        assert [result.pruned for result in found] == [True, False, False]

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
        found = run_search(EXPLODING, tiny_table, sampler(space, 0), trials=12, learns=True)
        assert len(found) == 12
        assert any(one.diverged for one in found)


def test_leaves_optunas_log_level_quiet_and_random_state_alone(
    tiny_images: Data, random_state_untouched: None, capsys: pytest.CaptureFixture[str]
) -> None:
    run_search(RECIPE, tiny_images, tpe(SPACE, 0), trials=2, learns=True)
    assert optuna.logging.get_verbosity() == optuna.logging.WARNING
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "")


def test_trains_on_the_device_it_is_told(tiny_images: Data) -> None:
    with pytest.raises(InputError, match="device 'abacus'"):
        run_search(RECIPE, tiny_images, trials=1, trainer=Remembering(device="abacus"))


def test_random_settings_are_tried_in_their_order(tiny_images: Data) -> None:
    found = run_search(RECIPE, tiny_images)
    assert [one.settings for one in found] == [random_settings(number, SPACE, 0) for number in (1, 2, 3)]
