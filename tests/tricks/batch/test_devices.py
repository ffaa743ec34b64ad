"""Draws are made on the CPU and meet the batch on its own device.

The meta device has no numbers. It refuses arithmetic between devices but lets a CPU index pass, so
only the runs on an accelerator prove the rest.
"""

import pytest
import torch

from assay.recipe import Recipe, Trick
from assay.schedule import Clock
from assay.tricks.batch.augmix import AugMix
from assay.tricks.batch.blur import Blur
from assay.tricks.batch.color_jitter import ColorJitter
from assay.tricks.batch.crop import Crop
from assay.tricks.batch.cutmix import CutMix
from assay.tricks.batch.cutout import Cutout
from assay.tricks.batch.fancy_pca import FancyPCA
from assay.tricks.batch.flip import Flip
from assay.tricks.batch.hsv_shift import HSVShift
from assay.tricks.batch.mixup import Mixup
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
from assay.tricks.kinds_of_inputs import is_for_signals

CLOCK = Clock(3, 100, 10)
INPUT_TRICKS = (
    *(Flip(), Flip("alternating"), Crop(), Crop(mode="zero"), Translate(), Translate(border="zero"), TimeShift()),
    *(RandomAreaCrop(), RotateScale(), ColorJitter(), FancyPCA(), HSVShift(), Blur(1.0), RandAugment(3), AugMix()),
)
BATCH_TRICKS = (
    *(Cutout(), Mixup(), CutMix(probability=1.0), Mosaic(1.0), RandomErasing(1.0), RandomErasing(1.0, fill="noise")),
    *(SampleNoise(), TimeMask(), RareClassCrops((0, 4))),
)


def suited(trick: Trick, images: torch.Tensor) -> torch.Tensor:
    """The images, or signals of several channels for a trick that is for signals only."""
    return images.flatten(2) if is_for_signals(trick) else images


DEVICES = ("meta", pytest.param("cuda", marks=pytest.mark.gpu))


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("trick", INPUT_TRICKS, ids=repr)
def test_input_edits_stay_on_the_device_and_agree_with_the_cpu(trick, device):
    (edit,) = (Recipe() | trick).input_edits
    images = torch.randint(0, 256, (9, 3, 12, 10), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    images = suited(trick, images)
    here, there = (
        edit(batch, torch.arange(9), torch.Generator().manual_seed(1), CLOCK) for batch in (images, images.to(device))
    )
    assert there.device.type == device
    assert there.dtype == torch.uint8
    assert there.shape == here.shape
    # Devices may round the last bit of a computed pixel to the other side.
    assert device == "meta" or (there.cpu().int() - here.int()).abs().max() <= 1


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("trick", BATCH_TRICKS, ids=repr)
def test_batch_edits_stay_on_the_device_and_agree_with_the_cpu(trick, device):
    (edit,) = (Recipe() | trick).batch_edits
    images, targets = torch.randn(9, 3, 12, 10, generator=torch.Generator().manual_seed(0)), torch.eye(9)
    images = suited(trick, images)
    here, there = (
        edit(images.to(place), targets.to(place), torch.Generator().manual_seed(1), CLOCK) for place in ("cpu", device)
    )
    for ours, theirs in zip(here, there, strict=True):
        assert theirs.device.type == device
        assert theirs.shape == ours.shape
        if device != "meta":
            torch.testing.assert_close(theirs.cpu(), ours)
