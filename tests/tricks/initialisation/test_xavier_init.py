import pytest
import torch
from torch import nn

from assay.models.mlp import MLP
from assay.models.weight_layers import FannedWeight
from assay.network import build_model
from assay.randomness import scoped_seed
from assay.recipe import Recipe, RecipeError
from assay.tricks.initialisation.he_init import HeInit
from assay.tricks.initialisation.xavier_init import XavierInit, draw_xavier, xavier_limit


def test_by_hand():
    assert xavier_limit(3, 3) == 1.0
    assert xavier_limit(100, 50) == pytest.approx(0.2)


def test_the_draw_is_pytorchs():
    ours, theirs = torch.empty(5, 7), torch.empty(5, 7)
    with scoped_seed(0, "draw"):
        draw_xavier(FannedWeight(ours, 7, 5))
    with scoped_seed(0, "draw"):
        nn.init.xavier_uniform_(theirs)
    torch.testing.assert_close(ours, theirs)


def test_the_trick_draws_weights_and_leaves_biases(tiny_images):
    plain, drawn = (
        build_model(recipe, tiny_images.specification, seed=0)
        for recipe in (Recipe(model=MLP((32,))), Recipe(model=MLP((32,))) | XavierInit())
    )
    assert torch.equal(plain[1].bias, drawn[1].bias)
    limit = (6 / (64 + 32)) ** 0.5
    assert 0.95 * limit < drawn[1].weight.abs().max() <= limit


def test_first_weights_are_drawn_once():
    with pytest.raises(RecipeError, match="HeInit and XavierInit both set first weights; keep one of them"):
        Recipe() | XavierInit() | HeInit()
