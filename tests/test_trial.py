"""A trial keeps what comparisons need of a run, and survives JSON."""

import json

import numpy as np
import pytest
import torch

from assay.data.data import Data
from assay.losses import MeanSquaredError
from assay.models.mlp import MLP
from assay.optimizers import SGD
from assay.recipe import Recipe
from assay.training.train import train
from assay.trial import Trial, in_turn, measure_on, pack, trial_key, trial_of, unpack

RECIPE = Recipe(MLP((8,)), optimizer=SGD(), batch_size=8, epochs=3)


@pytest.mark.parametrize("kind", ["tiny_images", "tiny_table"])
def test_a_trial_is_what_its_run_amounts_to(kind: str, request: pytest.FixtureRequest):
    data: Data = request.getfixturevalue(kind)
    recipe = RECIPE if kind == "tiny_images" else RECIPE.change(loss=MeanSquaredError())
    run = train(recipe, data, seed=2)
    trial = trial_of(run)
    assert (trial.recipe, trial.seed, trial.steps) == (recipe, 2, run.steps)
    assert (trial.value, trial.loss, trial.n) == (run.validation.value, run.validation.loss, len(data.validation))
    assert trial.example_scores.shape == (trial.n,)
    assert trial.example_scores.mean() == pytest.approx(trial.value)
    assert trial.seconds_per_step == trial.seconds / trial.steps == run.seconds_per_step


def test_it_goes_through_json_unchanged(tiny_images: Data):
    trial = trial_of(train(RECIPE, tiny_images))
    again = Trial.from_dict(RECIPE, json.loads(json.dumps(trial.to_dict())))
    assert again.to_dict() == trial.to_dict()
    assert again.recipe is RECIPE
    np.testing.assert_array_equal(again.example_scores, trial.example_scores)
    assert again.example_scores.dtype == trial.example_scores.dtype


def test_measuring_is_training_on_the_seed_and_nothing_else(tiny_images: Data):
    measure = measure_on(tiny_images)
    trials = [measure(RECIPE, seed) for seed in (0, 1, 0)]
    assert [trial.seed for trial in trials] == [0, 1, 0]
    assert trials[0].loss == trials[2].loss == train(RECIPE, tiny_images).validation.loss
    assert trials[0].loss != trials[1].loss


def test_answers_are_enough_to_work_out_accuracy_and_loss_again(tiny_images: Data):
    trial = trial_of(train(RECIPE, tiny_images))
    assert trial.answers is not None
    right = trial.answers.predicted == tiny_images.validation.targets.numpy()
    assert right.mean() == pytest.approx(trial.value)
    assert trial.answers.losses.mean() == pytest.approx(trial.loss, rel=1e-5)
    np.testing.assert_allclose(trial.answers.losses[right], -np.log(trial.answers.confidence[right]), rtol=1e-4)


def test_answers_of_a_regression_are_numbers_in_the_targets_units(tiny_table: Data):
    run = train(RECIPE.change(loss=MeanSquaredError()), tiny_table)
    answers = trial_of(run).answers
    assert answers is not None
    np.testing.assert_allclose(answers.predicted, run.validation.outputs[:, 0].numpy(), rtol=1e-6)


def test_many_trials_come_in_the_order_they_were_asked_for(tiny_images: Data):
    trials = in_turn(measure_on(tiny_images))([(RECIPE, 3), (RECIPE, 1)])
    assert [trial.seed for trial in trials] == [3, 1]


@pytest.mark.parametrize("dtype", ["<f8", "<f4", "<i4"])
def test_packed_arrays_come_back_and_can_be_written_to(dtype: str):
    values = np.arange(5).astype(dtype)
    again = unpack(pack(values))
    np.testing.assert_array_equal(again, values)
    assert again.dtype == values.dtype
    again[0] = 7


def test_a_trial_is_another_for_another_recipe_data_seed_or_device(tiny_images: Data, tiny_table: Data):
    cpu = torch.device("cpu")
    keys = {
        trial_key(RECIPE, tiny_images, 0, cpu), trial_key(RECIPE.change(epochs=4), tiny_images, 0, cpu),
        trial_key(RECIPE, tiny_table, 0, cpu), trial_key(RECIPE, tiny_images, 1, cpu),
        trial_key(RECIPE, tiny_images, 0, torch.device("cuda")),
    }  # fmt: skip
    assert len(keys) == 5
    assert trial_key(RECIPE, tiny_images, 0, cpu) in keys
