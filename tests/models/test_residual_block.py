import pytest
import torch
from torch import nn

from assay.models.residual_block import basic_block, bottleneck_block, shortcut


def test_a_block_without_branch_or_projection_is_relu_of_its_input():
    block = basic_block(4, 4, 1, nn.BatchNorm2d)
    nn.init.zeros_(block.last_norm.weight)
    inputs = torch.randn(2, 4, 5, 5, generator=torch.Generator().manual_seed(0))
    assert torch.equal(block(inputs), inputs.relu())


def test_the_last_norm_is_the_branchs_end():
    for make_block in (basic_block, bottleneck_block):
        block = make_block(4, 4, 1, nn.BatchNorm2d)
        assert block.last_norm is list(block.branch)[-1]
        assert isinstance(block.last_norm, nn.BatchNorm2d)


@pytest.mark.parametrize(("downsampling", "strides"), [("A", [2, 1, 1]), ("B", [1, 2, 1]), ("D", [1, 2, 1])])
def test_where_a_bottleneck_strides(downsampling, strides):
    block = bottleneck_block(8, 4, 2, nn.BatchNorm2d, downsampling)
    assert [layer.stride[0] for layer in block.branch if isinstance(layer, nn.Conv2d)] == strides


@pytest.mark.parametrize("downsampling", ["A", "B", "D"])
@pytest.mark.parametrize("make_block", [basic_block, bottleneck_block])
@pytest.mark.parametrize("size", [(8, 8), (7, 5), (1, 3), (1, 1)])
def test_odd_sides_agree_between_branch_and_shortcut(downsampling, make_block, size):
    block = make_block(4, 6, 2, nn.BatchNorm2d, downsampling).eval()
    outputs = block(torch.zeros(2, 4, *size))
    assert outputs.shape[2:] == tuple((side + 1) // 2 for side in size)


def test_pooled_shortcut_averages_by_hand_and_strided_shortcut_picks():
    inputs = torch.tensor([[1.0, 2.0, 9.0], [3.0, 6.0, 5.0], [4.0, 8.0, 7.0]]).view(1, 1, 3, 3)
    results = {}
    for downsampling in ("B", "D"):
        layer = shortcut(1, 1, 2, lambda channels: nn.Identity(), downsampling)
        convolution = next(module for module in layer if isinstance(module, nn.Conv2d))
        nn.init.ones_(convolution.weight)
        results[downsampling] = layer(inputs)[0, 0].tolist()
    assert results["B"] == [[1.0, 9.0], [4.0, 7.0]]
    # Whole 2x2 windows average four pixels; at the edge only the pixels inside the image count.
    assert results["D"] == [[3.0, 7.0], [6.0, 7.0]]


def test_shortcut_is_the_identity_where_shapes_agree():
    assert isinstance(shortcut(4, 4, 1, nn.BatchNorm2d, "D"), nn.Identity)
    assert not any(isinstance(layer, nn.AvgPool2d) for layer in shortcut(4, 8, 1, nn.BatchNorm2d, "D"))


def test_a_preactivation_block_by_hand():
    """Norms replaced by the identity and every weight 1: 1x1 images make 3x3 convolutions a product."""
    inputs = torch.tensor([[-3.0], [2.0]]).view(2, 1, 1, 1)
    results = {}
    for unit in ("original", "preactivation", "pyramid"):
        block = basic_block(1, 1, 1, nn.Identity, unit=unit)
        for layer, weight in zip((block.branch[0], block.branch[3]), (2.0, 5.0), strict=True):
            nn.init.constant_(layer.weight, weight)
        results[unit] = block(inputs).flatten().tolist()
    assert results == {
        "original": [0.0, 2.0 + 20.0],  # relu(5 relu(2 x) + x)
        "preactivation": [-3.0, 2.0 + 20.0],  # 5 relu(2 relu(x)) + x
        "pyramid": [-3.0, 2.0 + 20.0],  # 5 relu(2 x) + x
    }


def test_where_norms_stand_in_each_unit():
    def kinds(layers):
        return [type(layer).__name__.replace("BatchNorm2d", "norm").replace("Conv2d", "conv") for layer in layers]

    pre, pyramid = (basic_block(4, 8, 2, nn.BatchNorm2d, unit=unit) for unit in ("preactivation", "pyramid"))
    assert kinds(pre.preactivation) == ["norm", "ReLU"]
    assert kinds(pre.branch) == ["conv", "norm", "ReLU", "conv"]
    assert kinds([pyramid.preactivation]) == ["norm"]
    assert kinds(pyramid.branch) == ["conv", "norm", "ReLU", "conv", "norm"]
    assert pre.last_norm is pre.branch[3]
    assert kinds(pre.shortcut) == ["conv", "Identity"]


@pytest.mark.parametrize("unit", ["preactivation", "pyramid"])
def test_a_preactivation_block_starts_as_its_shortcut_when_its_last_layer_is_zero(unit):
    block = bottleneck_block(8, 2, 1, nn.BatchNorm2d, unit=unit)
    nn.init.zeros_(block.last_norm.weight)
    inputs = torch.randn(2, 8, 5, 5, generator=torch.Generator().manual_seed(0))
    outputs = block(inputs)
    assert torch.equal(outputs, inputs)
    outputs.square().sum().backward()
    assert block.last_norm.weight.grad.abs().max() > 0, "it can leave 0"


def test_a_projection_sees_the_preactivation_and_an_identity_does_not():
    block = basic_block(1, 2, 1, nn.Identity, unit="preactivation")
    nn.init.zeros_(block.last_norm.weight)
    nn.init.ones_(block.shortcut[0].weight)
    assert block(torch.full((1, 1, 1, 1), -3.0)).flatten().tolist() == [0.0, 0.0]
