import pytest
import torch

from assay.models.convnet import ConvNet
from assay.models.resnet import ResNet
from assay.recipe import Recipe, RecipeError
from assay.tricks.architecture.global_average_pooling import GlobalAveragePooling


def test_the_last_layer_shrinks_by_the_number_of_pixels():
    flat = Recipe(model=ConvNet((4, 8), head="flatten"))
    sizes = [recipe.model.build((3, 12, 10), 2).linear.in_features for recipe in (flat, flat | GlobalAveragePooling())]
    assert sizes == [8 * 6 * 5, 8]
    assert (flat | GlobalAveragePooling()).model == ConvNet((4, 8))


def test_a_flat_head_sees_every_pixel():
    model = ConvNet((4,), head="flatten").build((1, 3, 5), 2).eval()
    maps = torch.ones(1, 4, 3, 5)
    assert torch.equal(model.flatten(maps), maps.view(1, 60))
    assert model.linear.in_features == 60
    assert model(torch.zeros(2, 1, 3, 5)).shape == (2, 2)


def test_models_that_average_already_are_refused():
    for model in (ConvNet(), ResNet()):
        with pytest.raises(RecipeError, match="GlobalAveragePooling needs a model with head='flatten'; this recipe"):
            Recipe(model=model) | GlobalAveragePooling()
