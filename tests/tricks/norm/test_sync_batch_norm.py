import pytest
import torch
from torch import nn

from assay.errors import InputError
from assay.models.mlp import MLP
from assay.models.resnet import ResNet
from assay.randomness import scoped_seed
from assay.recipe import Recipe, RecipeError
from assay.tricks.norm.sync_batch_norm import SyncBatchNorm


def build():
    with scoped_seed(0, "model"):
        return ResNet(8, 4).build((1, 8, 8), 4)


def test_in_one_process_it_is_batch_norm(tiny_images):
    (edit,) = (Recipe(model=ResNet(8, 4)) | SyncBatchNorm()).model_edits
    ours, theirs = edit(build(), tiny_images.specification), build()
    assert {type(module) for module in ours.modules() if hasattr(module, "running_mean")} == {nn.SyncBatchNorm}
    images = torch.randn(6, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    assert torch.equal(ours(images), theirs(images))
    assert torch.equal(ours.eval()(images), theirs.eval()(images))
    assert list(ours.state_dict()) == list(theirs.state_dict())


def test_networks_without_batch_norm_are_refused(tiny_images):
    with pytest.raises(RecipeError, match="SyncBatchNorm needs a network with batch norms; this recipe has MLP"):
        Recipe(model=MLP()) | SyncBatchNorm()
    (edit,) = (Recipe(model=ResNet(norm="group")) | SyncBatchNorm()).model_edits
    with pytest.raises(InputError, match="SyncBatchNorm needs batch norms, got Sequential without any; take"):
        edit(ResNet(norm="group").build((1, 8, 8), 4), tiny_images.specification)
