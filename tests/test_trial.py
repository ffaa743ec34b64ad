"""A trial keeps what comparisons need of a run, and survives JSON."""

import json

import numpy as np
import pytest

from assay.data.data import Data
from assay.losses import MeanSquaredError
from assay.models.mlp import MLP
from assay.optimizers import SGD
from assay.recipe import Recipe
from assay.training import train
from assay.trial import Trial, measure_on, trial_of

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
