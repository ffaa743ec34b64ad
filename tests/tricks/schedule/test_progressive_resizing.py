import pytest
import torch

from assay.models.resnet import ResNet
from assay.recipe import Recipe, RecipeError
from assay.schedule import Clock
from assay.tricks.schedule.cosine import Cosine
from assay.tricks.schedule.progressive_resizing import ProgressiveResizing, ramp


def side_at(recipe: Recipe, step: int, side: int = 32) -> int:
    images = torch.rand(2, 1, side, side)
    inputs, _ = recipe.batch_edits[0](images, torch.eye(2), torch.Generator(), Clock(step, 100, 10))
    return inputs.shape[-1]


def test_first_boundary_and_last_by_hand():
    found = [ramp(Clock(step, 100, 10), first=0.5, start=0.5, end=0.8) for step in (0, 50, 65, 80, 99)]
    assert found == pytest.approx([0.5, 0.5, 0.75, 1.0, 1.0])
    jump = [ramp(Clock(step, 100, 10), first=0.5, start=0.4, end=0.4) for step in (39, 40)]
    assert jump == [0.5, 1.0]


def test_images_grow_in_even_steps():
    recipe = Recipe(model=ResNet(width=4)) | ProgressiveResizing()
    sides = [side_at(recipe, step) for step in range(100)]
    assert (sides[0], sides[65], sides[80], sides[99]) == (16, 24, 32, 32)
    assert sides == sorted(sides)
    assert not [side for side in sides if side % 2]


def test_first_1_is_off():
    edit = (Recipe(model=ResNet(width=4)) | ProgressiveResizing(first=1.0)).batch_edits[0]
    images = torch.rand(2, 1, 9, 9)
    assert edit(images, torch.eye(2), torch.Generator(), Clock(0, 10, 5))[0] is images


def test_refusals():
    with pytest.raises(ValueError, match=r"first must be in \[0.01, 1\], got 0"):
        ProgressiveResizing(first=0.0)
    with pytest.raises(ValueError, match=r"end must be in \[0.5, 1\], got 0.2"):
        ProgressiveResizing(end=0.2)
    with pytest.raises(RecipeError, match="Cosine and ProgressiveResizing both set resolution"):
        _ = Recipe(model=ResNet(width=4)) | ProgressiveResizing() | Cosine(of="resolution")
    recipe = Recipe(model=ResNet(width=4)) | ProgressiveResizing()
    with pytest.raises(RecipeError, match="ProgressiveResizing needs images"):
        recipe.batch_edits[0](torch.rand(2, 3), torch.eye(2), torch.Generator(), Clock(0, 10, 5))
