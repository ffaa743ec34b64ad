import pytest
import torch

from assay.losses import MeanSquaredError
from assay.models.mlp import MLP
from assay.models.whitening import Whitening
from assay.recipe import Recipe, RecipeError
from assay.training.train import Training
from assay.tricks.norm.global_contrast_norm import GlobalContrastNorm
from assay.tricks.norm.pca_whitening import PCAWhitening
from assay.tricks.norm.zca_whitening import ZCAWhitening


def white(training):
    """What the whitening makes of the first batch, and its covariance."""
    model, inputs = training.learner.model, training._first_inputs()
    outputs = model.prepare(inputs)
    rows = outputs.flatten(1) - outputs.flatten(1).mean(0)
    return outputs, rows.T @ rows / len(rows)


def test_the_first_batch_is_white_before_the_first_step(tiny_table):
    recipe = Recipe(model=MLP((4,)), loss=MeanSquaredError(), batch_size=32) | ZCAWhitening(eps=0.0, shrink=False)
    outputs, covariance = white(Training(recipe, tiny_table))
    assert outputs.shape == (32, 3)
    torch.testing.assert_close(covariance, torch.eye(3), atol=1e-4, rtol=0)


def test_it_is_fitted_on_what_the_tricks_left_of_it_leave(tiny_images):
    recipe = Recipe(model=MLP((4,)), batch_size=24) | GlobalContrastNorm() | ZCAWhitening()
    training = Training(recipe, tiny_images)
    names = [type(layer).__name__ for layer in training.learner.model.prepare]
    assert names == ["RawValues", "GlobalContrast", "Whitening"]
    outputs, _ = white(training)
    torch.testing.assert_close(outputs.mean(0), torch.zeros(1, 8, 8), atol=1e-5, rtol=0)
    assert outputs.abs().max() < 10


def test_it_is_frozen_and_travels_with_the_model(tiny_images):
    recipe = Recipe(model=MLP((4,)), batch_size=12) | ZCAWhitening()
    training = Training(recipe, tiny_images)
    before = training.learner.model.prepare[0].matrix.clone()
    next(iter(training))
    (layer,) = (m for m in training.evaluation_model().modules() if isinstance(m, Whitening))
    assert torch.equal(layer.matrix, before)
    assert not torch.equal(before, torch.eye(64))
    assert {"prepare.0.mean", "prepare.0.matrix"} <= set(training.learner.model.state_dict())


def test_two_whitenings_and_a_negative_eps_are_refused():
    with pytest.raises(RecipeError, match="PCAWhitening and ZCAWhitening both set whitening; keep one of them"):
        Recipe() | ZCAWhitening() | PCAWhitening()
    with pytest.raises(ValueError, match="eps must be finite and at least 0"):
        ZCAWhitening(-1.0)
