import pytest
import torch

from assay.models.convnet import ConvNet
from assay.models.resnet import ResNet
from assay.randomness import scoped_seed
from assay.recipe import Recipe, RecipeError
from assay.tricks.drop.shake_drop import ShakeDrop
from assay.tricks.drop.stochastic_depth import BranchDrop, StochasticDepth, drop_branches


@pytest.mark.parametrize("level", ["image", "batch"])
def test_branches_are_0_or_scaled_as_a_whole(level):
    layer, found = BranchDrop(0.25, level), set()
    for step in range(20):
        with scoped_seed(step, "test"):
            outputs = layer(torch.ones(8, 2, 3, 3))
        assert torch.equal(outputs, outputs[:, :1, :1, :1].expand_as(outputs))
        values = set(outputs.unique().tolist())
        assert level == "image" or len(values) == 1
        found |= values
    assert sorted(found) == pytest.approx([0.0, 1 / 0.75])


def test_the_mean_stays():
    with scoped_seed(0, "test"):
        outputs = BranchDrop(0.2, "image")(torch.ones(10_000, 1, 1, 1))
    # Deviation of the mean: sqrt(0.25 / 10,000) = 0.005.
    assert outputs.mean().item() == pytest.approx(1.0, abs=0.02)


def test_after_training_and_at_0_it_is_the_identity(tiny_images):
    inputs = torch.randn(2, 3, 4, 4)
    assert BranchDrop(0.5, "image").eval()(inputs) is inputs
    assert (Recipe(model=ResNet(width=4)) | StochasticDepth(0.0)).model_edits == ()


def test_the_trick_fills_every_block(tiny_images):
    network = drop_branches(ResNet(8, 4).build((1, 8, 8), 2), tiny_images.specification, trick=StochasticDepth(0.3))
    rates = [module.probability for module in network.modules() if isinstance(module, BranchDrop)]
    assert rates == pytest.approx([0.1, 0.2, 0.3])


def test_what_it_refuses():
    with pytest.raises(RecipeError, match="StochasticDepth needs a ResNet, whose blocks have branches"):
        Recipe(model=ConvNet()) | StochasticDepth()
    with pytest.raises(RecipeError, match="StochasticDepth and ShakeDrop both set branch drop; keep one"):
        Recipe(model=ResNet(width=4)) | ShakeDrop() | StochasticDepth()
    with pytest.raises(ValueError, match=r"probability must be in \[0, 1\), got 1"):
        StochasticDepth(1.0)
    with pytest.raises(ValueError, match="rule must be one of linear, uniform, got 'square'"):
        StochasticDepth(rule="square")
    with pytest.raises(ValueError, match="level must be one of image, batch, got 'pixel'"):
        StochasticDepth(level="pixel")
