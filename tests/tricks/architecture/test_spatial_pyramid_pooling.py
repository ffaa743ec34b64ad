import pytest
import torch

from assay.models.mlp import MLP
from assay.models.resnet import ResNet
from assay.recipe import Recipe, RecipeError
from assay.tricks.architecture.spatial_pyramid_pooling import SpatialPyramidPooling


def test_the_last_layer_sees_21_cells_and_images_may_change_size():
    model = (Recipe(model=ResNet(width=4)) | SpatialPyramidPooling()).model.build((3, 16, 16), 2).eval()
    assert model.linear.in_features == 16 * 21
    assert model(torch.zeros(2, 3, 24, 12)).shape == (2, 2)


def test_other_models_are_refused():
    with pytest.raises(RecipeError, match="SpatialPyramidPooling needs a ResNet; this recipe has MLP"):
        Recipe(model=MLP()) | SpatialPyramidPooling()
