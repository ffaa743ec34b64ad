import pytest

from assay.models.mlp import MLP
from assay.models.resnet import ResNet
from assay.models.spatial_attention import PixelAttention
from assay.recipe import Recipe, RecipeError
from assay.tricks.architecture.spatial_attention import SpatialAttention


def test_every_branch_ends_in_it():
    model = (Recipe(model=ResNet(width=4, unit="preactivation")) | SpatialAttention()).model.build((3, 8, 8), 2)
    blocks = [module for module in model.modules() if hasattr(module, "last_norm")]
    assert [block.attention.convolution.out_channels for block in blocks] == [4, 8, 16]
    assert all(isinstance(block.attention, PixelAttention) for block in blocks)


def test_other_models_are_refused():
    with pytest.raises(RecipeError, match="SpatialAttention needs a ResNet; this recipe has MLP"):
        Recipe(model=MLP()) | SpatialAttention()
