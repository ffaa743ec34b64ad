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
