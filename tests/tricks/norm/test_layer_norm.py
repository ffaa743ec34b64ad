import pytest
import torch
from torch import nn

from assay.models.norms import find_norms
from assay.models.resnet import ResNet
from assay.recipe import Recipe
from assay.tricks.norm.layer_norm import LayerNorm


def test_agrees_with_torchs_over_channels_and_positions():
    inputs = 3.0 * torch.randn(2, 4, 5, 6, generator=torch.Generator().manual_seed(0)) + 1.0
    torch.testing.assert_close(LayerNorm().make(4)(inputs), nn.functional.layer_norm(inputs, (4, 5, 6)))
    vectors = inputs[:, :, 0, 0]
    torch.testing.assert_close(LayerNorm().make(4)(vectors), nn.functional.layer_norm(vectors, (4,)))


def test_it_takes_the_place_of_every_norm(tiny_images):
    (edit,) = (Recipe(model=ResNet(8, 4)) | LayerNorm()).model_edits
    norms = find_norms(edit(ResNet(8, 4).build((1, 8, 8), 4), tiny_images.specification)).values()
    assert {(type(norm), norm.num_groups) for norm in norms} == {(nn.GroupNorm, 1)}


def test_a_negative_eps_is_refused():
    with pytest.raises(ValueError, match="eps must be finite and at least 0, got -1"):
        LayerNorm(-1.0)
