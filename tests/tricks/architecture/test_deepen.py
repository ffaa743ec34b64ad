import pytest

from assay.models.convnet import ConvNet
from assay.models.mlp import MLP
from assay.models.resnet import ResNet
from assay.recipe import Recipe, RecipeError
from assay.tricks.architecture.bottleneck import Bottleneck
from assay.tricks.architecture.deepen import Deepen


@pytest.mark.parametrize(
    ("model", "deep"),
    [
        (ResNet(20), ResNet(56)),
        (ResNet(29, block="bottleneck"), ResNet(83, block="bottleneck")),
        (ConvNet(blocks=2), ConvNet(blocks=6)),
        (MLP((5, 7)), MLP((5, 5, 5, 7, 7, 7))),
    ],
    ids=repr,
)
def test_each_architecture_deepens_and_one_is_off(model, deep):
    assert (Recipe(model=model) | Deepen(3)).model == deep
    assert (Recipe(model=model) | Deepen(1)).model == model


def test_refusals():
    with pytest.raises(ValueError, match="factor must be finite and at least 1, got 0"):
        Deepen(0)
    with pytest.raises(RecipeError, match="Deepen needs a ResNet of three stages, a ConvNet or an MLP"):
        Recipe(model=ResNet.imagenet(50)) | Deepen()
    with pytest.raises(RecipeError, match="Bottleneck and Deepen both set the model's depth; keep one"):
        Recipe(model=ResNet()) | Deepen() | Bottleneck()
