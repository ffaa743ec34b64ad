import pytest
import torch
from torch import nn

from assay.models.branch_drop import stages_of
from assay.models.convnet import ConvNet
from assay.models.mlp import MLP
from assay.models.resnet import ResNet
from assay.recipe import Recipe, RecipeError
from assay.tricks.drop.dropout2d import Dropout2d, drop_channels


@pytest.mark.parametrize(
    ("model", "layers"), [(ResNet(8, 4), 3), (ResNet(11, 4, block="bottleneck"), 3), (ConvNet((4, 8)), 2)]
)
def test_weights_keep_their_names_and_whole_maps_are_dropped(model, layers, tiny_images):
    network = model.build((1, 8, 8), 2)
    names, inputs = list(network.state_dict()), torch.randn(2, 1, 8, 8)
    expected = network.eval()(inputs)
    network = drop_channels(network, tiny_images.specification, probability=0.5)
    dropped = [module for module in network.modules() if isinstance(module, nn.Dropout2d)]
    assert [layer.p for layer in dropped] == [0.5] * layers
    assert list(network.state_dict()) == names
    assert torch.equal(network.eval()(inputs), expected)


def test_it_stands_before_the_last_convolution_and_drops_whole_maps(tiny_images):
    network = drop_channels(ResNet(8, 4).build((1, 8, 8), 2), tiny_images.specification, probability=0.5)
    before_last = network.stage1[0].branch[2]
    assert [type(part) for part in before_last] == [nn.ReLU, nn.Dropout2d]
    outputs = before_last(torch.ones(50, 4, 3, 3))
    assert set(outputs.flatten().tolist()) == {0.0, 2.0}
    assert torch.equal(outputs, outputs[:, :, :1, :1].expand_as(outputs))


def test_a_wrapped_convolution_is_found(tiny_images):
    network = ResNet(8, 4).build((1, 8, 8), 2)
    branch = network.stage2[0].branch
    branch[3] = nn.Sequential(nn.Identity(), branch[3])
    drop_channels(network, tiny_images.specification, probability=0.5)
    assert isinstance(branch[2][1], nn.Dropout2d)


def test_what_it_refuses():
    assert (Recipe(model=ConvNet()) | Dropout2d(0.0)).model_edits == ()
    with pytest.raises(RecipeError, match="Dropout2d needs a ResNet or a ConvNet; this recipe has MLP"):
        Recipe(model=MLP()) | Dropout2d()
    with pytest.raises(ValueError, match=r"probability must be in \[0, 1\), got 1"):
        Dropout2d(1.0)
    with pytest.raises(ValueError, match="must have stages called stage1, stage2 and so on, got Linear"):
        stages_of(nn.Linear(2, 2))
