"""Mass of each image in the inputs equals its mass in the targets, whatever the stack of mixers.

Image i is a plane of ones in channel i, its target the i-th class. What share of image j's pixels
ends up in example i can then be read off the inputs, and must be what the targets say.
"""

from itertools import permutations

import pytest
import torch

from assay.models.resnet import ResNet
from assay.recipe import Recipe, Trick
from assay.schedule import Clock
from assay.tricks.batch.colout import ColOut
from assay.tricks.batch.cutmix import CutMix
from assay.tricks.batch.mixup import Mixup
from assay.tricks.batch.mixup_or_cutmix import MixupOrCutMix
from assay.tricks.batch.mosaic import Mosaic
from assay.tricks.batch.rare_class_crops import RareClassCrops
from assay.tricks.schedule.cosine import Cosine
from assay.tricks.schedule.progressive_resizing import ProgressiveResizing
from assay.tricks.target.label_smoothing import LabelSmoothing

MIXERS = (Mixup(1.0), CutMix(alpha=1.0, probability=1.0), Mosaic(1.0))
# CutMix and Mosaic refuse each other: both paste boxes.
STACKS = [
    stack for length in (1, 2) for stack in permutations(MIXERS, length) if stack not in (MIXERS[1:], MIXERS[:0:-1])
]
PASTERS = (CutMix(alpha=1.0, probability=1.0), MixupOrCutMix(cutmix_share=1.0), Mosaic(1.0))
LATE = (ColOut(0.3), RareClassCrops(tuple(range(8))), ProgressiveResizing(), Cosine(floor=0.5, of="resolution"))
HALFWAY = Clock(1, 2, 1)
ORDERS = [order for boxes in MIXERS[1:] for order in permutations((MIXERS[0], boxes, LabelSmoothing(0.3)))]


def ownership_planes(n: int, height: int, width: int) -> torch.Tensor:
    return torch.eye(n)[:, :, None, None].expand(n, n, height, width).clone()


def edited(recipe: Recipe, inputs: torch.Tensor, targets: torch.Tensor, seed: int):
    for edit in recipe.target_edits:
        targets = edit(targets)
    for position, edit in enumerate(recipe.batch_edits):
        inputs, targets = edit(inputs, targets, torch.Generator().manual_seed(100 * seed + position), HALFWAY)
    return inputs, targets


@pytest.mark.parametrize("stack", STACKS, ids=lambda stack: "+".join(type(trick).__name__ for trick in stack))
@pytest.mark.parametrize("seed", range(10))
def test_targets_say_what_the_pixels_are(stack, seed):
    recipe = Recipe()
    for trick in stack:
        recipe = recipe | trick
    inputs, targets = edited(recipe, ownership_planes(8, 7, 9), torch.eye(8), seed)
    torch.testing.assert_close(inputs.mean(dim=(2, 3)), targets, atol=1e-6, rtol=0)
    torch.testing.assert_close(targets.sum(1), torch.ones(8))
    assert not torch.equal(targets, torch.eye(8)), "nothing was mixed, so nothing was tested"


@pytest.mark.parametrize("form", ["uniform", "others"])
@pytest.mark.parametrize("order", ORDERS, ids=lambda order: str(len(order)))
def test_smoothing_may_stand_anywhere_among_mixers(order, form):
    """Smoothing is affine, so smoothing the mixed targets and mixing smoothed ones agree."""
    recipe = Recipe()
    for trick in order:
        recipe = recipe | (LabelSmoothing(0.3, form=form) if isinstance(trick, LabelSmoothing) else trick)
    inputs, targets = edited(recipe, ownership_planes(6, 8, 8), torch.eye(6), seed=3)
    (smooth,) = recipe.target_edits
    torch.testing.assert_close(smooth(inputs.mean(dim=(2, 3))), targets, atol=1e-6, rtol=0)


@pytest.mark.parametrize("late", LATE, ids=repr)
@pytest.mark.parametrize("paster", PASTERS, ids=repr)
@pytest.mark.parametrize("side", [9, 16])
def test_what_would_change_shares_acts_before_the_mixers_of_its_stack(paster: Trick, late: Trick, side: int):
    recipe = Recipe(model=ResNet()) | paster | late
    inputs, targets = edited(recipe, ownership_planes(8, side, side), torch.eye(8), seed=3)
    torch.testing.assert_close(inputs.mean(dim=(2, 3)), targets, atol=1e-5, rtol=0)
    assert inputs.shape[2:] != (side, side) or isinstance(late, RareClassCrops)
    assert not torch.equal(targets, torch.eye(8)), "nothing was mixed, so nothing was tested"
