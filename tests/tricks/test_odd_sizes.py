"""Images of one pixel, one row or odd sides, and batches of one, go through every edit of batches.

Image i is a plane of ones in the channel of its class, as in batch/test_conservation.py.
"""

import pytest
import torch
from stacks import example

from assay.data.data import Data
from assay.data.encoders import ArrayEncoder
from assay.data.specification import Normalization, Specification
from assay.data.split import Split
from assay.models.resnet import ResNet
from assay.recipe import Recipe, Trick
from assay.training.feed import Feed, as_distributions
from assay.tricks.batch import TRICKS
from assay.tricks.batch.crop import Crop
from assay.tricks.batch.cutmix import CutMix
from assay.tricks.batch.mixup import Mixup
from assay.tricks.batch.mixup_or_cutmix import MixupOrCutMix
from assay.tricks.batch.mosaic import Mosaic
from assay.tricks.kinds_of_inputs import is_for_signals
from assay.tricks.quantity import even_side
from assay.tricks.schedule.cosine import Cosine
from assay.tricks.schedule.progressive_resizing import ProgressiveResizing

# The quick tests see the two extremes, and the slow ones rows and columns as well.
SIZES = ((1, 1), (5, 9), *(pytest.param(size, marks=pytest.mark.slow) for size in ((1, 7), (7, 1))))
BATCHES = (1, 2, 6)
RESIZERS = (ProgressiveResizing(start=0.2), Cosine(floor=0.1, of="resolution"))
MIXERS = (Mixup(1.0), CutMix(probability=1.0), MixupOrCutMix(), Mosaic(1.0), Mosaic(1.0, margin=0.0, cutmix=0.5))


def planes(channels: int, height: int, width: int) -> Data:
    """Twelve byte images, each full in one channel."""
    targets = torch.arange(12) % channels
    inputs = torch.zeros(12, channels, height, width, dtype=torch.uint8)
    inputs[torch.arange(12), targets] = 1
    shape, scale = (channels, height, width), Normalization((0.0,) * channels, (1.0,) * channels)
    specification = Specification("classification", shape, scale, ArrayEncoder(shape), tuple("abcde"[:channels]))
    split = Split(inputs, targets, tuple(map(str, range(12))))
    return Data("planes", specification, split, split, split)


def fits(trick: Trick, height: int) -> Trick:
    """The trick at work, with a border that an image of few pixels can reflect."""
    return Crop(mode="zero") if isinstance(trick, Crop) and height < 5 else trick


@pytest.mark.parametrize("trick", [*map(example, TRICKS), *RESIZERS], ids=repr)
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_every_edit_gives_batches_of_the_right_shape(trick: Trick, size: tuple[int, int]):
    height, width = size
    if is_for_signals(trick) and height > 1:
        pytest.skip("it is for signals")
    data = planes(3, height, width)
    for batch in BATCHES:
        recipe = Recipe(model=ResNet(width=4), batch_size=batch) | fits(trick, min(size))
        for inputs, targets in Feed(recipe, data.train, data.specification, seed=1).batches(range(4), 4):
            assert inputs.shape[:2] == (batch, 3)
            smaller = type(trick).__name__ == "ColOut" or trick in RESIZERS
            assert inputs.shape[2:] == size or (smaller and inputs.shape[2] <= height and inputs.shape[3] <= width)
            assert inputs.dtype == torch.float32
            assert inputs.isfinite().all()
            distributions = targets if targets.is_floating_point() else as_distributions(targets, data.specification)
            torch.testing.assert_close(distributions.sum(1), torch.ones(batch))


@pytest.mark.parametrize("mixer", MIXERS, ids=repr)
@pytest.mark.parametrize("resizer", RESIZERS, ids=repr)
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_targets_still_say_what_the_pixels_are(mixer: Trick, resizer: Trick, size: tuple[int, int]):
    data, mixed = planes(5, *size), False
    for batch in BATCHES:
        for tricks in ((mixer,), (mixer, resizer), (resizer, mixer)):
            recipe = Recipe(model=ResNet(width=4), batch_size=batch)
            for trick in tricks:
                recipe = recipe | trick
            for inputs, targets in Feed(recipe, data.train, data.specification, seed=1).batches(range(6), 6):
                torch.testing.assert_close(inputs.mean((2, 3)), targets, atol=1e-5, rtol=0)
                mixed = mixed or bool(((targets > 0.01) & (targets < 0.99)).any())
    assert mixed or (size == (1, 1) and not isinstance(mixer, Mixup | MixupOrCutMix)), "nothing was mixed"


def test_a_side_of_one_pixel_does_not_grow_while_images_are_small():
    assert [even_side(side, 0.5) for side in (1, 2, 3, 4, 7)] == [1, 2, 2, 2, 4]
