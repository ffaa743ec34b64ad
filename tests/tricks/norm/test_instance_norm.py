import pytest
import torch
from torch import nn

from assay.errors import InputError
from assay.models.norms import find_norms
from assay.models.resnet import ResNet
from assay.recipe import Recipe
from assay.tricks.norm.instance_norm import InstanceNorm, InstanceNormLayer


def test_agrees_with_torchs():
    inputs = 3.0 * torch.randn(2, 4, 5, 6, generator=torch.Generator().manual_seed(0)) + 1.0
    torch.testing.assert_close(InstanceNormLayer(4)(inputs), nn.InstanceNorm2d(4)(inputs))


def test_contrast_and_brightness_of_a_channel_do_not_matter():
    inputs = torch.randn(2, 4, 5, 6, generator=torch.Generator().manual_seed(0))
    layer = InstanceNorm(eps=0.0).make(4)
    torch.testing.assert_close(layer(7.0 * inputs - 3.0), layer(inputs), atol=1e-5, rtol=1e-5)


def test_it_takes_the_place_of_every_norm(tiny_images):
    (edit,) = (Recipe(model=ResNet(8, 4)) | InstanceNorm()).model_edits
    network = edit(ResNet(8, 4).build((1, 8, 8), 4), tiny_images.specification)
    assert {type(norm) for norm in find_norms(network).values()} == {InstanceNormLayer}


def test_norms_of_vectors_stay(tiny_images):
    network = nn.Sequential(nn.BatchNorm2d(3), nn.Flatten(), nn.BatchNorm1d(12))
    (edit,) = (Recipe(model=ResNet(8, 4)) | InstanceNorm()).model_edits
    edit(network, tiny_images.specification)
    assert [type(module) for module in network] == [InstanceNormLayer, nn.Flatten, nn.BatchNorm1d]


@pytest.mark.parametrize("shape", [(3, 4), (3, 4, 1, 1)])
def test_one_value_a_channel_is_refused(shape):
    with pytest.raises(InputError, match=r"needs several positions a channel, got inputs of shape \(3, 4.*LayerNorm"):
        InstanceNormLayer(4)(torch.zeros(shape))


def test_a_negative_eps_is_refused():
    with pytest.raises(ValueError, match="eps must be finite and at least 0, got -1"):
        InstanceNorm(-1.0)
