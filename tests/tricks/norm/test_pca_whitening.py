import pytest
import torch

from assay.models.mlp import MLP
from assay.recipe import Recipe
from assay.training.train import Training
from assay.tricks.norm.pca_whitening import PCAWhitening


def test_the_first_value_is_the_strongest_component(tiny_images):
    """Four bright quadrants on noise: three directions differ much, and after them little."""
    recipe = Recipe(model=MLP((4,)), batch_size=24) | PCAWhitening(shrink=False)
    training = Training(recipe, tiny_images)
    matrix = training.learner.model.prepare[0].matrix
    strengths = 1.0 / matrix.norm(dim=1)
    assert strengths.diff().max() < 1e-5
    assert strengths[2] > 3 * strengths[3]
    outputs = training.learner.model.prepare(training._first_inputs())
    assert outputs.shape == (24, 1, 8, 8)
    torch.testing.assert_close(outputs.flatten(1)[:, :3].var(0, correction=0), torch.ones(3), atol=1e-3, rtol=0)


def test_a_negative_eps_is_refused():
    with pytest.raises(ValueError, match="eps must be finite and at least 0"):
        PCAWhitening(-1.0)
