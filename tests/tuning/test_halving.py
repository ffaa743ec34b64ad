"""Successive halving: what it costs, that nothing is trained twice, and that a kill changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from remembering import Remembering

from assay.data.data import Data
from assay.models.mlp import MLP
from assay.optimizers import AdamW
from assay.recipe import Recipe
from assay.training import part as training_part
from assay.training.part import Part
from assay.training.train import Training, train
from assay.trial import measure_parts_on
from assay.tuning.halving import cost_of_halving, halve, shares_of_rounds
from assay.tuning.search import Bench
from assay.tuning.searched import Searched

RECIPE = Recipe(model=MLP(hidden=(8,)), optimizer=AdamW(learning_rate=1e-2), batch_size=8, epochs=6)
RATES = [{"learning_rate": rate} for rate in (1e-7, 3e-3, 1e-6, 1e-2, 3e-2, 1e-5, 1e-4, 1e-8, 1e-9)]


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[tuple[float, int]]:
    """(rate, step) of every step that was trained."""
    done: list[tuple[float, int]] = []

    class Spy(Training):
        def __iter__(self) -> Iterator[Any]:
            for step in super().__iter__():
                done.append((self.recipe.optimizer.learning_rate, step.number))
                yield step

    monkeypatch.setattr(training_part, "Training", Spy)
    return done


def run_halving(data: Data, **options: Any) -> list[Searched]:
    return halve(Bench(RECIPE, data, **options), RATES)


def test_rounds_by_hand() -> None:
    assert shares_of_rounds(27) == shares_of_rounds(9) == pytest.approx((1 / 9, 1 / 3, 1.0))
    assert shares_of_rounds(8) == pytest.approx((1 / 3, 1.0))
    assert shares_of_rounds(2) == (1.0,)


def test_cost_by_hand() -> None:
    """27: 27/9 + 9 (1/3 - 1/9) + 3 (1 - 1/3) = 3 + 2 + 2."""
    assert cost_of_halving(27) == pytest.approx(7.0)
    assert cost_of_halving(9) == pytest.approx(1 + 3 * 2 / 9 + 2 / 3)
    assert cost_of_halving(2) == 2.0


def test_no_step_is_trained_twice(tiny_images: Data, tmp_path: Path, steps: list[tuple[float, int]]) -> None:
    """18 steps: nine settings for 2, three up to 6, one to the end."""
    found = run_halving(tiny_images, trainer=Remembering(tmp_path))
    assert len(steps) == len(set(steps)) == 9 * 2 + 3 * 4 + 12
    assert sorted(round(one.share * 18) for one in found) == [2] * 6 + [6] * 2 + [18]
    assert [one.settings for one in found] == RATES
    (winner,) = [one for one in found if not one.pruned]
    assert winner.value == max(one.value for one in found)


def test_the_winner_is_what_an_undisturbed_training_gives(tiny_images: Data) -> None:
    (winner,) = [one for one in run_halving(tiny_images) if not one.pruned]
    run = train(RECIPE.change_optimizer(**winner.settings), tiny_images, evaluations=1, monitored=False)
    assert (winner.value, winner.loss) == (run.validation.value, run.validation.loss)


def test_without_checkpoints_it_comes_to_the_same(tiny_images: Data, tmp_path: Path) -> None:
    assert run_halving(tiny_images) == run_halving(tiny_images, trainer=Remembering(tmp_path))


def test_others_that_train_a_round_together_find_the_same(tiny_images: Data, tmp_path: Path) -> None:
    together = Remembering(tmp_path, together=True)
    assert run_halving(tiny_images, trainer=together) == run_halving(tiny_images)
    assert together.portions == [9, 3, 1]


def test_a_checkpoint_of_a_later_round_is_not_taken_for_an_earlier_one(tiny_images: Data, tmp_path: Path) -> None:
    """Another command may have trained the same recipe further."""
    seen = measure_parts_on(tiny_images, tmp_path)
    (later,) = seen([(RECIPE, 0)], Part(until=2 / 3))
    (first,) = seen([(RECIPE, 0)], Part(until=1 / 3))
    assert (later.steps, first.steps) == (12, 6)
    (alone,) = measure_parts_on(tiny_images)([(RECIPE, 0)], Part(until=1 / 3))
    assert first.loss == alone.loss


def test_a_kill_at_any_trial_changes_nothing(tiny_images: Data, tmp_path: Path, steps: list[tuple[float, int]]) -> None:
    trainer, stops = Remembering(tmp_path), [0, 4, 8, 10, 12]

    def stop(number: int, _: Searched) -> None:
        if stops and number == stops[0]:
            stops.pop(0)
            raise KeyboardInterrupt

    while stops:
        with pytest.raises(KeyboardInterrupt):
            run_halving(tiny_images, trainer=trainer, on_trial=stop)
    resumed = run_halving(tiny_images, trainer=trainer)
    assert len(steps) == len(set(steps))
    assert run_halving(tiny_images, trainer=trainer) == resumed
    assert resumed == run_halving(tiny_images)
    assert not list(tmp_path.glob("*.checkpoint"))


def test_a_setting_that_diverges_does_not_go_on(tiny_images: Data) -> None:
    found = halve(Bench(RECIPE, tiny_images), [{"learning_rate": 1e38}, *RATES[1:4]])
    assert found[0].diverged
    assert [one.pruned for one in found].count(False) == 2


def test_out_of_time_in_the_first_round(tiny_images: Data) -> None:
    answers = iter([True, True, False])
    found = run_halving(tiny_images, time_is_left=lambda: next(answers))
    assert len(found) == 2
    assert all(one.pruned for one in found)
