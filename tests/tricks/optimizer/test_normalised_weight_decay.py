import math

import pytest

from assay.optimizers import SGD, AdamW
from assay.recipe import Recipe, RecipeError
from assay.schedule import Clock
from assay.training.train import Training
from assay.tricks.optimizer.decoupled_sgd import DecoupledSGD
from assay.tricks.optimizer.heavy_ball import HeavyBall
from assay.tricks.optimizer.no_bias_decay import NoBiasDecay
from assay.tricks.optimizer.normalised_weight_decay import NormalisedWeightDecay, share_of_norm


def test_it_is_the_papers_formula():
    # norm * sqrt(b / (B T)) of B examples, T epochs and batches of b
    examples, epochs, batch_size = 50_000, 100, 125
    clock = Clock(7, examples * epochs // batch_size, examples // batch_size)
    assert share_of_norm(clock) == pytest.approx(math.sqrt(batch_size / (examples * epochs)))


def test_the_optimizer_gets_the_norms_share_and_groups_without_decay_stay_so(tiny_images):
    # 24 examples in batches of 8, 12 epochs: 36 steps.
    recipe = Recipe(optimizer=AdamW(0.01), batch_size=8, epochs=12) | NormalisedWeightDecay(3.0) | NoBiasDecay()
    training = Training(recipe, tiny_images)
    next(iter(training))
    decays = {group["weight_decay"] for group in training.learner.optimizer.param_groups}
    assert decays == {3.0 / 6.0, 0.0}


def test_it_needs_decoupled_decay():
    with pytest.raises(RecipeError, match="NormalisedWeightDecay needs an optimizer that decays weights outside"):
        Recipe(optimizer=SGD()) | NormalisedWeightDecay()
    with pytest.raises(
        RecipeError, match="HeavyBall cannot be the optimizer of this recipe: NormalisedWeightDecay needs"
    ):
        Recipe() | NormalisedWeightDecay() | HeavyBall()
    assert (Recipe() | NormalisedWeightDecay(2.0) | DecoupledSGD()).optimizer == DecoupledSGD(weight_decay=2.0)


def test_bad_norms_are_refused():
    with pytest.raises(ValueError, match=r"norm must be finite and at least 0, got -1.0; the usual value is 25"):
        NormalisedWeightDecay(-1.0)
