"""What every edit of this folder keeps: the type and range of raw inputs, the batch it was given, and who is off."""

import pytest
import torch

from assay.models.resnet import ResNet
from assay.recipe import Recipe, RecipeError, Trick
from assay.schedule import Clock
from assay.tricks.batch import TRICKS
from assay.tricks.batch.augmix import AugMix
from assay.tricks.batch.blur import Blur
from assay.tricks.batch.color_jitter import ColorJitter
from assay.tricks.batch.colout import ColOut
from assay.tricks.batch.fancy_pca import FancyPCA
from assay.tricks.batch.hsv_shift import HSVShift
from assay.tricks.batch.mosaic import Mosaic
from assay.tricks.batch.rand_augment import RandAugment
from assay.tricks.batch.random_area_crop import RandomAreaCrop
from assay.tricks.batch.random_erasing import RandomErasing
from assay.tricks.batch.rare_class_crops import RareClassCrops
from assay.tricks.batch.rotate_scale import RotateScale
from assay.tricks.batch.sample_noise import SampleNoise
from assay.tricks.batch.time_mask import TimeMask
from assay.tricks.batch.time_shift import TimeShift
from assay.tricks.batch.translate import Translate
from assay.tricks.batch.trivial_augment import TrivialAugment
from assay.tricks.kinds_of_inputs import is_for_images, is_for_signals

CLOCK = Clock(3, 100, 10)
INPUT_TRICKS = (
    *(RandomAreaCrop(), RotateScale(), Translate(), Translate(border="zero"), Blur(1.0), TimeShift()),
    *(ColorJitter(contrast=0.4), FancyPCA(), HSVShift(), RandAugment(), TrivialAugment(), AugMix()),
)
BATCH_TRICKS = (Mosaic(1.0), RandomErasing(1.0), ColOut(), SampleNoise(), TimeMask(), RareClassCrops((0, 1, 2)))
OFF = (
    *(RandomAreaCrop((1.0, 1.0), (1.0, 1.0)), RotateScale(0.0, 1.0), Translate(0.0), Blur(0.0), TimeShift(0.0)),
    *(ColorJitter(0.0, 0.0, 0.0, 0.0), FancyPCA(0.0), HSVShift(0.0, 1.0, (1.0, 1.0), 0.0)),
    *(RandAugment(0), TrivialAugment(0.0), AugMix(0)),
    *(Mosaic(0.0), RandomErasing(0.0), ColOut(0.0), SampleNoise(0.0), TimeMask(0.0), TimeMask(masks=0)),
    *(RareClassCrops(), RareClassCrops((0,), area=1.0)),
)
IMAGES_ONLY = [trick for trick in (*INPUT_TRICKS, *BATCH_TRICKS) if is_for_images(trick)]

SIGNALS_ONLY = [trick for trick in (*INPUT_TRICKS, *BATCH_TRICKS) if is_for_signals(trick)]


def suited(trick: Trick, images: torch.Tensor) -> torch.Tensor:
    """The images, or signals of several channels for a trick that is for signals only."""
    return images.flatten(2) if is_for_signals(trick) else images


def byte_images(n: int = 12, channels: int = 3) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    coarse = torch.randint(0, 256, (n, channels, 5, 4), generator=generator, dtype=torch.uint8)
    return coarse.repeat_interleave(3, 2).repeat_interleave(3, 3)


def edits(trick: Trick):
    recipe = Recipe(model=ResNet()) | trick
    return recipe.input_edits or recipe.batch_edits


@pytest.mark.usefixtures("random_state_untouched")
@pytest.mark.parametrize("trick", INPUT_TRICKS, ids=repr)
@pytest.mark.parametrize("channels", [1, 3])
def test_raw_inputs_keep_shape_and_type_and_are_drawn_again_alike(trick, channels):
    images = suited(trick, byte_images(channels=channels))
    (edit,) = edits(trick)
    once, again = (edit(images.clone(), torch.arange(12), torch.Generator().manual_seed(1), CLOCK) for _ in range(2))
    other = edit(images.clone(), torch.arange(12), torch.Generator().manual_seed(2), CLOCK)
    assert once.dtype == torch.uint8
    assert once.shape == images.shape
    assert torch.equal(once, again)
    assert not torch.equal(once, images)
    assert not torch.equal(once, other)


@pytest.mark.usefixtures("random_state_untouched")
@pytest.mark.parametrize("trick", BATCH_TRICKS, ids=repr)
def test_batches_are_left_alone_and_drawn_again_alike(trick):
    images, targets = torch.randn(12, 3, 10, 8, generator=torch.Generator().manual_seed(0)), torch.eye(12)
    images = suited(trick, images)
    before = images.clone()
    (edit,) = edits(trick)
    once, again = (edit(images, targets, torch.Generator().manual_seed(1), CLOCK) for _ in range(2))
    assert torch.equal(images, before)
    assert torch.equal(targets, torch.eye(12))
    assert once[0].dtype == torch.float32
    assert torch.equal(once[0], again[0])
    assert torch.equal(once[1], again[1])
    assert once[0].shape != images.shape or not torch.equal(once[0], images)


@pytest.mark.parametrize("trick", OFF, ids=repr)
def test_off_is_the_same_tensor(trick):
    images, targets = suited(trick, byte_images()), torch.eye(12)
    (edit,) = edits(trick)
    if (Recipe(model=ResNet()) | trick).input_edits:
        assert edit(images, torch.arange(12), torch.Generator(), CLOCK) is images
    else:
        inputs, kept = edit(images.float(), targets, torch.Generator(), CLOCK)
        assert torch.equal(inputs, images.float())
        assert kept is targets


@pytest.mark.parametrize("trick", IMAGES_ONLY, ids=repr)
def test_vectors_are_refused_by_what_is_for_images_only(trick):
    (edit,) = edits(trick)
    second = torch.eye(4) if (Recipe(model=ResNet()) | trick).batch_edits else torch.arange(4)
    with pytest.raises(RecipeError, match=rf"{type(trick).__name__} needs images .* of shape \(4, 30\)"):
        edit(torch.zeros(4, 30), second, torch.Generator(), CLOCK)


@pytest.mark.parametrize("trick", SIGNALS_ONLY, ids=repr)
def test_images_of_several_rows_are_refused_by_what_is_for_signals_only(trick):
    (edit,) = edits(trick)
    second = torch.eye(4) if (Recipe(model=ResNet()) | trick).batch_edits else torch.arange(4)
    with pytest.raises(RecipeError, match=rf"{type(trick).__name__} needs signals .* of shape \(4, 1, 2, 30\); take"):
        edit(torch.zeros(4, 1, 2, 30), second, torch.Generator(), CLOCK)
    for shape in ((4, 30), (4, 2, 30), (4, 2, 1, 30)):
        found = edit(torch.ones(shape), second, torch.Generator(), CLOCK)
        assert (found if isinstance(found, torch.Tensor) else found[0]).shape == shape


@pytest.mark.parametrize("trick", [FancyPCA(), HSVShift(), ColorJitter(), RandAugment(), TrivialAugment(), AugMix()])
def test_colours_of_floats_are_refused(trick):
    (edit,) = edits(trick)
    with pytest.raises(RecipeError, match=f"{type(trick).__name__} needs grey or colour images of bytes"):
        edit(torch.zeros(4, 3, 5, 5), torch.arange(4), torch.Generator(), CLOCK)


def test_every_edit_is_tried_here_or_beside():
    elsewhere = {"Flip", "Crop", "Cutout", "Mixup", "CutMix", "MixupOrCutMix", "ManifoldMixup", "MixOff"}
    tried = {type(trick).__name__ for trick in (*INPUT_TRICKS, *BATCH_TRICKS)}
    assert {trick.__name__ for trick in TRICKS} == tried | elsewhere
