from dataclasses import dataclass

import pytest
from torch import nn

from assay.models.convnet import ConvNet
from assay.models.mlp import MLP
from assay.models.resnet import ResNet
from assay.recipe import Recipe, RecipeError
from assay.tricks.architecture.pre_activation import PreActivation
from assay.tricks.architecture.widen import Widen


@dataclass(frozen=True)
class Straight:
    def build(self, input_shape: tuple[int, ...], num_outputs: int) -> nn.Module:
        return nn.Linear(1, num_outputs)


def test_wrn_28_10_is_a_widened_preactivation_network():
    assert (Recipe(model=ResNet(26)) | PreActivation() | Widen(10)).model == ResNet.wide(28, 10)


@pytest.mark.parametrize(
    ("model", "wide"),
    [
        (ResNet(width=4, widen=2), ResNet(width=4, widen=6)),
        (ConvNet((8, 16)), ConvNet((24, 48))),
        (MLP((5, 7)), MLP((15, 21))),
    ],
    ids=repr,
)
def test_each_architecture_widens_and_one_is_off(model, wide):
    assert (Recipe(model=model) | Widen(3)).model == wide
    assert (Recipe(model=model) | Widen(1)).model == model


def test_refusals():
    with pytest.raises(ValueError, match="factor must be finite and at least 1, got 0"):
        Widen(0)
    with pytest.raises(RecipeError, match="Widen needs a ResNet, a ConvNet or an MLP; this recipe has Straight"):
        Recipe(model=Straight()) | Widen()
