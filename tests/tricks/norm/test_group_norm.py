import pytest
import torch
from torch import nn

from assay.models.mlp import MLP
from assay.models.resnet import ResNet
from assay.recipe import Recipe, RecipeError
from assay.tricks.norm.ghost_batch_norm import GhostBatchNorm
from assay.tricks.norm.group_norm import GroupNorm
from assay.tricks.norm.sync_batch_norm import SyncBatchNorm


def test_by_hand():
    """Two groups of two channels at one position: each pair becomes -1 and 1."""
    outputs = GroupNorm(2, eps=0.0).make(4)(torch.tensor([[[1.0], [3.0], [10.0], [50.0]]]))
    torch.testing.assert_close(outputs.flatten(), torch.tensor([-1.0, 1.0, -1.0, 1.0]))


def test_an_example_does_not_depend_on_its_batch(tiny_images):
    recipe = Recipe(model=ResNet(8, 4)) | GroupNorm()
    network = recipe.model_edits[0](ResNet(8, 4).build((1, 8, 8), 4), tiny_images.specification)
    assert not [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    images = torch.randn(6, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(network(images)[:1], network(images[:1]))
    torch.testing.assert_close(network(images), network.eval()(images))


def test_32_groups_where_they_divide_the_channels():
    assert [GroupNorm().make(channels).num_groups for channels in (256, 64, 48, 6, 1)] == [32, 32, 24, 3, 1]


def test_a_network_without_norms_and_two_norms_are_refused():
    with pytest.raises(RecipeError, match="GroupNorm needs a network with norms; this recipe has MLP"):
        Recipe(model=MLP()) | GroupNorm()
    with pytest.raises(RecipeError, match="GhostBatchNorm and GroupNorm both set norm; keep one of them"):
        Recipe(model=ResNet()) | GroupNorm() | GhostBatchNorm()
    with pytest.raises(RecipeError, match="SyncBatchNorm and GroupNorm both set norm; keep one of them"):
        Recipe(model=ResNet()) | GroupNorm() | SyncBatchNorm()


@pytest.mark.parametrize(("values", "message"), [((0,), "groups must be .* at least 1"), ((2, -1.0), "eps must be")])
def test_impossible_values_are_refused(values, message):
    with pytest.raises(ValueError, match=message):
        GroupNorm(*values)
