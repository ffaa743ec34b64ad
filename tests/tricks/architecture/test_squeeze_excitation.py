import pytest
import torch

from assay.models.counting import count_parameters
from assay.models.mlp import MLP
from assay.models.resnet import ResNet
from assay.recipe import Recipe, RecipeError
from assay.tricks.architecture.squeeze_excitation import SqueezeExcitation


def test_resnet_50_grows_to_the_known_size():
    """Two layers a block of 2 * channels^2 / 16 weights, and their biases: 2.53 M on 25.56 M."""
    with torch.device("meta"):
        plain, excited = (
            model.build((3, 224, 224), 1000)
            for model in (ResNet.imagenet(50), (Recipe(model=ResNet.imagenet(50)) | SqueezeExcitation()).model)
        )
    blocks = {256: 3, 512: 4, 1024: 6, 2048: 3}
    by_hand = sum(n * (2 * c * c // 16 + c // 16 + c) for c, n in blocks.items())
    assert count_parameters(excited) - count_parameters(plain) == by_hand
    assert abs(count_parameters(excited) / 1e6 - 28.1) < 0.05


def test_other_models_are_refused():
    with pytest.raises(RecipeError, match="SqueezeExcitation needs a ResNet; this recipe has MLP"):
        Recipe(model=MLP()) | SqueezeExcitation()
