import pytest
import torch

from assay.models.convnet import ConvNet
from assay.models.resnet import ResNet
from assay.randomness import scoped_seed
from assay.recipe import Recipe, RecipeError
from assay.tricks.drop.shake_drop import BranchShake, ShakeDrop, shake_branches


def factors(probability, level, seed, n=16):
    branch = torch.ones(n, 2, 3, 3, requires_grad=True)
    with scoped_seed(seed, "test"):
        outputs = BranchShake(probability, level)(branch)
    outputs.sum().backward()
    assert branch.grad is not None
    return outputs.detach(), branch.grad


def test_an_open_gate_changes_nothing_and_a_closed_one_shakes():
    """The formula at gate 1 is 1 for both; at gate 0 it is alpha and beta."""
    kinds = set()
    for seed in range(20):
        outputs, gradient = factors(0.5, "image", seed)
        open_gate = bool((outputs == 1).all())
        kinds.add(open_gate)
        if open_gate:
            torch.testing.assert_close(gradient, torch.ones_like(gradient))
        else:
            assert outputs.min() >= -1
            assert outputs.max() < 1
            assert gradient.min() >= 0
            assert gradient.max() < 1
            assert len(outputs.unique()) == len(gradient.unique()) == 16
    assert kinds == {True, False}


@pytest.mark.parametrize(("level", "draws"), [("batch", 1), ("image", 16), ("channel", 32), ("pixel", 288)])
def test_draws_of_each_level(level, draws):
    outputs, gradient = factors(1.0 - 1e-9, level, seed=1)
    for values in (outputs, gradient):
        # Draws have 24 bits, so that some of many may coincide.
        assert draws - 2 <= len(values.unique()) <= draws


def test_after_training_it_is_the_mean_of_what_training_saw():
    probability, seen = 0.4, [factors(0.4, "image", seed)[0].mean().item() for seed in range(400)]
    layer = BranchShake(probability, "image").eval()
    assert layer(torch.ones(1, 1, 1, 1)).item() == pytest.approx(1 - probability)
    # Each mean of 16 draws has a deviation below 0.55, so 400 of them 0.03.
    assert sum(seen) / 400 == pytest.approx(1 - probability, abs=0.1)


def test_the_trick_fills_every_block_and_off_is_off(tiny_images):
    network = shake_branches(ResNet(8, 4).build((1, 8, 8), 2), tiny_images.specification, trick=ShakeDrop(0.6))
    rates = [module.probability for module in network.modules() if isinstance(module, BranchShake)]
    assert rates == pytest.approx([0.2, 0.4, 0.6])
    assert (Recipe(model=ResNet(width=4)) | ShakeDrop(0.0)).model_edits == ()


def test_what_it_refuses():
    with pytest.raises(RecipeError, match="ShakeDrop needs a ResNet, whose blocks have branches"):
        Recipe(model=ConvNet()) | ShakeDrop()
    with pytest.raises(ValueError, match=r"probability must be in \[0, 1\), got -1"):
        ShakeDrop(-1.0)
    with pytest.raises(ValueError, match="level must be one of batch, image, channel, pixel, got 'row'"):
        ShakeDrop(level="row")
