import pytest
from torch import nn

from assay.models.mlp import MLP
from assay.models.resnet import ResNet
from assay.recipe import Recipe, RecipeError
from assay.tricks.architecture.resnet_c import ResNetC
from assay.tricks.architecture.resnet_d import ResNetD


def test_it_makes_resnet_50_c_of_b():
    recipe = Recipe(model=ResNet.imagenet(50, "B")) | ResNetC()
    assert recipe.model == ResNet.imagenet(50, "C")


def test_the_stem_has_three_convolutions_of_half_half_and_full_width():
    stem = (Recipe(model=ResNet(width=8)) | ResNetC()).model.build((3, 8, 8), 2).stem
    assert [layer.out_channels for layer in stem if isinstance(layer, nn.Conv2d)] == [4, 4, 8]


def test_d_says_more_of_the_same_and_other_models_are_refused():
    with pytest.raises(RecipeError, match="ResNetD and ResNetC both set the model's deep_stem; keep one"):
        Recipe(model=ResNet()) | ResNetC() | ResNetD()
    with pytest.raises(RecipeError, match="ResNetC needs a ResNet; this recipe has MLP"):
        Recipe(model=MLP()) | ResNetC()
