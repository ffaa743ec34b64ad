import pytest

from assay.models.resnet import ResNet
from assay.models.shake_shake import Blend, ShakeShakeNet
from assay.recipe import Recipe, RecipeError
from assay.tricks.drop.shake_shake import ShakeShake


def test_the_trick_sets_the_options_of_its_network():
    recipe = Recipe(model=ShakeShakeNet(8, 4)) | ShakeShake("shake", "keep", "batch")
    assert recipe.model == ShakeShakeNet(8, 4, "shake", "keep", "batch")
    blends = [part for part in recipe.model.build((1, 8, 8), 2).modules() if isinstance(part, Blend)]
    assert {(blend.forward_share, blend.backward_share, blend.level) for blend in blends} == {
        ("shake", "keep", "batch")
    }
    assert len(blends) == 3


def test_even_and_even_is_the_network_without_chance():
    assert (Recipe(model=ShakeShakeNet()) | ShakeShake("even", "even")).model == ShakeShakeNet()


def test_what_it_refuses():
    with pytest.raises(RecipeError, match="ShakeShake needs a ShakeShakeNet, whose blocks have two branches"):
        Recipe(model=ResNet()) | ShakeShake()
    with pytest.raises(ValueError, match="forward must be one of shake, even, got 'keep'"):
        ShakeShake("keep")
    with pytest.raises(ValueError, match="backward must be one of shake, keep, even, got 'none'"):
        ShakeShake(backward="none")
    with pytest.raises(ValueError, match="level must be one of image, batch, got 'pixel'"):
        ShakeShake(level="pixel")
