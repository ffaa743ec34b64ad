import pytest
import torch
import torch.nn.functional as F

from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.batch.random_area_crop import RandomAreaCrop, crop_and_resize
from assay.tricks.random_boxes import Boxes


def test_agrees_with_cut_and_interpolate():
    images = torch.rand(3, 2, 8, 6, generator=torch.Generator().manual_seed(0))
    sides = [(0, 0, 8, 6), (2, 1, 3, 4), (7, 5, 1, 1)]
    top, left, height, width = torch.tensor(sides).T
    found = crop_and_resize(images, Boxes(top, left, height, width, torch.ones(3, dtype=torch.bool)))
    for ours, image, (y, x, tall, wide) in zip(found, images, sides, strict=True):
        window = image[None, :, y : y + tall, x : x + wide]
        expected = F.interpolate(window, size=(8, 6), mode="bilinear", align_corners=False)[0]
        torch.testing.assert_close(ours, expected, atol=1e-5, rtol=0)


def test_the_whole_image_is_the_image():
    images = torch.randint(0, 256, (2, 3, 5, 7), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    zero, one = torch.zeros(2, dtype=torch.long), torch.ones(2, dtype=torch.long)
    assert torch.equal(crop_and_resize(images, Boxes(zero, zero, 5 * one, 7 * one, one.bool())), images)


def test_values_stay_between_those_of_the_image():
    images = torch.randint(90, 120, (50, 1, 9, 9), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    (edit,) = (Recipe() | RandomAreaCrop()).input_edits
    found = edit(images, torch.arange(50), torch.Generator().manual_seed(1), Clock(0, 1, 1))
    assert (found.amin((1, 2, 3)) >= images.amin((1, 2, 3))).all()
    assert (found.amax((1, 2, 3)) <= images.amax((1, 2, 3))).all()


def test_refusals():
    with pytest.raises(ValueError, match=r"area\[0\] must be in \[0.001, 1\], got 0"):
        RandomAreaCrop(area=(0.0, 1.0))
    with pytest.raises(ValueError, match=r"area\[1\] must be in \[0.5, 1\], got 0.4"):
        RandomAreaCrop(area=(0.5, 0.4))
    with pytest.raises(ValueError, match=r"aspect\[1\] must be in \[1, 10\], got 0.5"):
        RandomAreaCrop(aspect=(1.0, 0.5))
