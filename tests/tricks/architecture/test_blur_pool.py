import pytest
import torch
import torch.nn.functional as F
from torch import nn

from assay.models.convnet import ConvNet
from assay.models.mlp import MLP
from assay.models.resnet import ResNet
from assay.network import build_model
from assay.recipe import Recipe, RecipeError
from assay.tricks.architecture.blur_pool import Blur, BlurPool, blurred


def test_the_filter_by_hand():
    row = torch.tensor([4.0, 0.0, 0.0, 8.0]).view(1, 1, 1, 4)
    assert Blur()(row).flatten().tolist() == [3.0, 1.0, 2.0, 6.0]
    assert Blur((1, 2))(row).flatten().tolist() == [3.0, 2.0]


@pytest.mark.parametrize("size", [(7, 5), (8, 8), (1, 1), (1, 4)])
@pytest.mark.parametrize("stride", [1, 2])
def test_it_agrees_with_a_convolution_over_a_repeated_edge(size, stride):
    images = torch.randn(2, 3, *size, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    line = torch.tensor([1.0, 2.0, 1.0], dtype=torch.float64) / 4
    kernel = torch.outer(line, line).expand(3, 1, 3, 3)
    expected = F.conv2d(F.pad(images, (1, 1, 1, 1), mode="replicate"), kernel, stride=stride, groups=3)
    torch.testing.assert_close(Blur((stride, stride))(images), expected)


def test_a_flat_image_stays_flat():
    assert torch.equal(Blur((2, 2))(torch.full((1, 2, 7, 6), 3.0)), torch.full((1, 2, 4, 3), 3.0))


@pytest.mark.parametrize(
    "layer",
    [
        *(nn.Conv2d(4, 4, 3, 2, padding=1), nn.Conv2d(4, 6, 1, 2)),
        *(nn.MaxPool2d(2), nn.MaxPool2d(3, 2, 1), nn.MaxPool2d(3, 2, 1, dilation=2)),
    ],
    ids=repr,
)
@pytest.mark.parametrize("size", [(8, 8), (7, 5)])
def test_sizes_stay(layer, size):
    new = blurred(layer, readable=3, convolutions=True, max_pools=True)
    inputs = torch.randn(2, 4, *size)
    assert new(inputs).shape == layer(inputs).shape


@pytest.mark.parametrize(("model", "blurs"), [(ResNet(width=4), 4), (ResNet(width=4, stem="large"), 5),
                                              (ConvNet((4, 4)), 1)], ids=repr)  # fmt: skip
def test_every_stride_but_the_one_that_reads_the_image_is_blurred(model, blurs, tiny_images):
    network = build_model(Recipe(model=model) | BlurPool(), tiny_images.specification, seed=0)
    assert sum(isinstance(module, Blur) for module in network.modules()) == blurs
    shape = tiny_images.specification.input_shape
    assert network(torch.zeros(2, *shape)).shape == (2, tiny_images.specification.num_outputs)


def test_each_kind_alone(tiny_images):
    model = ResNet(width=4, stem="large")
    for options, blurs in (({"convolutions": False}, 1), ({"max_pools": False}, 4)):
        network = build_model(Recipe(model=model) | BlurPool(**options), tiny_images.specification, seed=0)
        assert sum(isinstance(module, Blur) for module in network.modules()) == blurs


def test_refusals(tiny_images):
    with pytest.raises(ValueError, match="convolutions or max_pools must be True, got False for both"):
        BlurPool(convolutions=False, max_pools=False)
    with pytest.raises(RecipeError, match="BlurPool needs a convolutional network; this recipe has MLP"):
        Recipe(model=MLP()) | BlurPool()
    with pytest.raises(ValueError, match="BlurPool needs strided convolutions or max pools, got Sequential without"):
        build_model(Recipe(model=ConvNet((4,))) | BlurPool(), tiny_images.specification, seed=0)
