import pytest
import torch

from assay.models.mlp import MLP
from assay.models.resnet import ResNet
from assay.recipe import Recipe, RecipeError
from assay.tricks.architecture.pre_activation import PreActivation
from assay.tricks.architecture.pyramid_unit import PyramidUnit


def test_with_widened_stages_it_is_the_published_wide_network():
    assert (Recipe(model=ResNet(14, widen=4)) | PreActivation()).model == ResNet.wide(16, 4)


def test_signals_pass_the_shortcuts_unchanged():
    """With silent branches, nothing but the norm and ReLU at the end touches what the stem made."""
    model = (Recipe(model=ResNet(14, width=4)) | PreActivation()).model.build((1, 6, 6), 2).eval()
    for block in model.stage1:
        torch.nn.init.zeros_(block.last_norm.weight)
    maps = model.stem(torch.randn(2, 1, 6, 6, generator=torch.Generator().manual_seed(0)))
    assert maps.min() < 0
    assert torch.equal(model.stage1(maps), maps)


def test_two_units_and_other_models_are_refused():
    with pytest.raises(RecipeError, match="PyramidUnit and PreActivation both set the model's unit; keep one"):
        Recipe(model=ResNet()) | PreActivation() | PyramidUnit()
    with pytest.raises(RecipeError, match="PreActivation needs a ResNet; this recipe has MLP"):
        Recipe(model=MLP()) | PreActivation()
