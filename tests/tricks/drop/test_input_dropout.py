import pytest
import torch
from torch import nn

from assay.models.mlp import MLP
from assay.recipe import Recipe
from assay.tricks.drop.dropout import Dropout
from assay.tricks.drop.input_dropout import InputDropout, drop_inputs


def test_inputs_are_dropped_in_training_only(tiny_images):
    network = drop_inputs(nn.Identity(), tiny_images.specification, probability=0.2)
    assert set(network(torch.ones(50, 20)).flatten().tolist()) == {0.0, 1.25}
    inputs = torch.randn(2, 3)
    assert torch.equal(network.eval()(inputs), inputs)


def test_with_dropout_it_is_the_papers_recipe(tiny_images):
    recipe = Recipe(model=MLP((8,))) | InputDropout() | Dropout(0.5)
    network = recipe.model.build((4,), 2)
    for edit in recipe.model_edits:
        network = edit(network, tiny_images.specification)
    assert [module.p for module in network.modules() if isinstance(module, nn.Dropout)] == [0.2, 0.5]


def test_off_it_adds_nothing_and_bad_probabilities_are_refused():
    assert (Recipe() | InputDropout(0.0)).model_edits == ()
    with pytest.raises(ValueError, match=r"probability must be in \[0, 1\), got 1"):
        InputDropout(1.0)
