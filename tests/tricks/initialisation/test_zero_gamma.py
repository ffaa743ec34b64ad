import pytest
import torch
from torch import nn

from assay.models.convnet import ConvNet
from assay.models.mlp import MLP
from assay.models.resnet import ResNet
from assay.randomness import scoped_seed
from assay.recipe import Recipe, RecipeError
from assay.tricks.initialisation.zero_gamma import ZeroGamma, zero_last_norms


@pytest.mark.parametrize("model", [ResNet(14, 4), ResNet(11, 4, block="bottleneck"), ResNet(8, 4, norm="group")])
def test_every_block_starts_as_its_shortcut(model):
    network = model.build((1, 8, 8), 2).eval()
    blocks = [module for module in network.modules() if hasattr(module, "last_norm")]
    assert zero_last_norms(network) == len(blocks)
    features = network.stem(torch.randn(2, 1, 8, 8, generator=torch.Generator().manual_seed(0)))
    for block in blocks:
        outputs = block(features)
        assert torch.equal(outputs, block.shortcut(features).relu())
        features = outputs


def test_nothing_but_the_last_norms_changes():
    with scoped_seed(0, "model"):
        network = ResNet(8, 4).build((1, 8, 8), 2)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    zero_last_norms(network)
    changed = {name for name, value in network.state_dict().items() if not torch.equal(value, before[name])}
    assert changed == {f"stage{stage}.0.branch.4.weight" for stage in (1, 2, 3)}


def test_the_zeroed_branch_still_learns():
    network = ResNet(8, 4).build((1, 8, 8), 2)
    zero_last_norms(network)
    network(torch.randn(4, 1, 8, 8)).square().sum().backward()
    assert network.stage2[0].last_norm.weight.grad.abs().sum() > 0


def test_the_trick_adds_one_model_edit(tiny_images):
    (edit,) = (Recipe(model=ResNet(8, 4)) | ZeroGamma()).model_edits
    network = ResNet(8, 4).build((1, 8, 8), 4)
    edit(network, tiny_images.specification)
    assert not network.stage1[0].last_norm.weight.any()


@pytest.mark.parametrize("model", [MLP(), ConvNet()])
def test_other_models_are_refused(model):
    with pytest.raises(RecipeError, match=f"ZeroGamma needs a ResNet.*; this recipe has {type(model).__name__}"):
        Recipe(model=model) | ZeroGamma()


def test_a_network_without_residual_blocks_is_refused():
    with pytest.raises(ValueError, match=r"must have residual blocks with a last_norm .* got Sequential without any"):
        zero_last_norms(nn.Sequential(nn.Linear(2, 2)))
