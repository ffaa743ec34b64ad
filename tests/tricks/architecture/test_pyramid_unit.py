import pytest
from torch import nn

from assay.models.mlp import MLP
from assay.models.resnet import ResNet
from assay.recipe import Recipe, RecipeError
from assay.tricks.architecture.pyramid_unit import PyramidUnit


def test_a_unit_has_one_relu_and_three_norms():
    model = (Recipe(model=ResNet(width=4)) | PyramidUnit()).model.build((3, 8, 8), 2)
    block = model.stage1[0]
    layers = [type(module) for module in block.modules()]
    assert layers.count(nn.ReLU) == 1
    assert layers.count(nn.BatchNorm2d) == 3
    assert isinstance(block.preactivation, nn.BatchNorm2d)
    assert block.last_norm is block.branch[-1]


def test_other_models_are_refused():
    with pytest.raises(RecipeError, match="PyramidUnit needs a ResNet; this recipe has MLP"):
        Recipe(model=MLP()) | PyramidUnit()
