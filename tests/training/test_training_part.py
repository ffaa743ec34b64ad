"""A part of a training: where it ends, its key, and its checkpoint."""

from __future__ import annotations

import math
from contextlib import closing
from pathlib import Path

import pytest

from assay.data.data import Data
from assay.executors.job_training import train_job
from assay.losses import MeanSquaredError
from assay.models.mlp import MLP
from assay.optimizers import SGD, AdamW
from assay.recipe import Recipe
from assay.recipe_toml import recipe_to_toml
from assay.store.listing import best_trials, newest_trials
from assay.store.queue import Job
from assay.store.store import Store, url_of_file
from assay.training.part import Part, begin_part, checkpoint_key, part_of, steps_of
from assay.trial import Trial, measure_on, measure_parts_on

RECIPE = Recipe(model=MLP(hidden=(8,)), optimizer=AdamW(learning_rate=1e-2), batch_size=8, epochs=8)
PARTS = [
    Part(), Part(until=1 / 9), Part(looks=4), Part(looks=4, floors=(-math.inf, 0.123456789012345, -2e-7), by_loss=True),
]  # fmt: skip


@pytest.mark.parametrize("part", PARTS)
def test_a_key_says_which_part_it_is_of(part: Part) -> None:
    assert part_of(f"recipe-data-0-1-2.13-cpu{part.mark}") == part


def test_a_whole_training_has_the_key_it_always_had_and_checkpoints_are_shared_by_what_goes_on() -> None:
    assert Part().mark == ""
    assert checkpoint_key("a-b" + Part(until=1 / 9).mark) == checkpoint_key("a-b" + Part(until=1 / 3).mark) == "a-b"
    assert checkpoint_key("a-b" + Part(looks=4).mark) != "a-b"


def test_it_ends_at_its_share(tiny_images: Data) -> None:
    """Eight epochs of three steps."""
    (trial,) = measure_parts_on(tiny_images)([(RECIPE, 0)], Part(until=1 / 4))
    assert (trial.steps, trial.share) == (6, 0.25)


def test_it_ends_at_the_look_that_is_below_its_floor(tiny_images: Data) -> None:
    (trial,) = measure_parts_on(tiny_images)([(RECIPE, 0)], Part(looks=4, floors=(-math.inf, 2.0)))
    assert trial.share == 0.5
    assert trial.looks is not None
    assert len(trial.looks) == 2
    (whole,) = measure_parts_on(tiny_images)([(RECIPE, 0)], Part(looks=4, floors=(0.0, 0.0, 0.0)))
    assert whole.share == 1.0


def test_looks_by_the_loss_are_the_loss_turned_round(tiny_images: Data) -> None:
    (trial,) = measure_parts_on(tiny_images)([(RECIPE, 0)], Part(looks=4, by_loss=True))
    assert trial.looks is not None
    assert trial.looks[-1] == pytest.approx(-trial.loss)


def test_a_whole_part_is_the_training_itself(tiny_images: Data) -> None:
    (trial,) = measure_parts_on(tiny_images)([(RECIPE, 0)], Part(looks=4))
    assert trial.loss == measure_on(tiny_images)(RECIPE, 0).loss


def test_one_that_diverges_ends_there(tiny_table: Data) -> None:
    recipe = Recipe(model=MLP((8,)), loss=MeanSquaredError(), optimizer=SGD(learning_rate=1e12), batch_size=8, epochs=9)
    (trial,) = measure_parts_on(tiny_table)([(recipe, 0)], Part(looks=4))
    assert trial.share < 1
    assert not math.isfinite(trial.loss)


def test_a_trial_of_a_part_survives_json(tiny_images: Data) -> None:
    (trial,) = measure_parts_on(tiny_images)([(RECIPE, 0)], Part(looks=4, floors=(2.0,)))
    again = Trial.from_dict(RECIPE, trial.to_dict())
    assert again.looks is not None
    assert (again.share, again.looks.tolist()) == (0.25, trial.looks.tolist() if trial.looks is not None else None)


def test_a_worker_trains_the_part_and_leaves_what_goes_on(tiny_images: Data, tmp_path: Path) -> None:
    part, checkpoint = Part(until=0.5), tmp_path / "one.checkpoint"
    job = Job(f"key{part.mark}", tiny_images.fingerprint, recipe_to_toml(RECIPE), 0, "cpu")
    trial = train_job(job, tiny_images, checkpoint)
    assert trial is not None
    assert (trial.share, checkpoint.exists()) == (0.5, True)
    training = begin_part(RECIPE, tiny_images, Part(), checkpoint=checkpoint)
    assert [step.number for step in steps_of(training, Part())] == list(range(12, 24))


def test_a_part_is_kept_and_is_never_the_best_of_whole_trainings(tiny_images: Data, tmp_path: Path) -> None:
    url = url_of_file(tmp_path / "trials.db")
    with closing(Store(url)) as store:
        for part in (Part(until=0.5), Part(looks=4)):
            (trial,) = measure_parts_on(tiny_images)([(RECIPE, 0)], part)
            store.record_trial(f"r-d-0{part.mark}", stage="tune", description="r", recipe={}, result=trial.to_dict())
        assert set(store.find_trials([f"r-d-0{Part(until=0.5).mark}"])) == {f"r-d-0{Part(until=0.5).mark}"}
    assert [row.key for row in best_trials(url, 9)] == [f"r-d-0{Part(looks=4).mark}"]
    assert len(newest_trials(url)) == 2
