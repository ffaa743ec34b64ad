import numpy as np
import pytest
import torch
from scipy import ndimage

from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.batch.blur import Blur, gaussian_blur


def test_agrees_with_scipy():
    images = torch.rand(2, 2, 12, 11, generator=torch.Generator().manual_seed(0))
    found = gaussian_blur(images, torch.tensor([0.7, 1.5]), radius=4)
    for ours, image, sigma in zip(found, images, (0.7, 1.5), strict=True):
        for mine, channel in zip(ours, image, strict=True):
            theirs = ndimage.gaussian_filter(channel.numpy(), sigma, radius=4, mode="mirror")
            np.testing.assert_allclose(mine.numpy(), theirs, atol=1e-5)


def test_a_plane_stays_and_a_narrow_kernel_changes_nothing():
    plane = torch.full((2, 1, 6, 6), 200, dtype=torch.uint8)
    assert torch.equal(gaussian_blur(plane, torch.tensor([0.5, 2.0]), radius=4), plane)
    images = torch.randint(0, 256, (2, 3, 6, 6), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    assert torch.equal(gaussian_blur(images, torch.tensor([0.1, 0.1]), radius=4), images)


def test_about_the_asked_share_of_images_is_blurred():
    images = torch.randint(0, 256, (400, 1, 6, 6), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    (edit,) = (Recipe() | Blur(0.25, sigma=(1.0, 1.0))).input_edits
    found = edit(images, torch.arange(400), torch.Generator().manual_seed(1), Clock(0, 1, 1))
    changed = (found != images).flatten(1).any(1).float().mean()
    # Four standard errors of a share of 1/4 among 400.
    assert abs(changed - 0.25) < 0.09


def test_refusals():
    with pytest.raises(ValueError, match=r"probability must be in \[0, 1\], got 2"):
        Blur(2.0)
    with pytest.raises(ValueError, match=r"sigma\[0\] must be finite and at least 0.01, got 0"):
        Blur(sigma=(0.0, 1.0))
    with pytest.raises(ValueError, match=r"sigma\[1\] must be in \[2, 50\], got 1"):
        Blur(sigma=(2.0, 1.0))
