import numpy as np
import pytest
import torch
import torch.nn.functional as F
from scipy import ndimage

from assay.tricks.sampling_grid import affine_positions, as_before, read_at, window_positions

SCIPY_MODES = {"reflect": "reflect", "edge": "nearest", "zero": "grid-constant"}


@pytest.mark.parametrize("border", list(SCIPY_MODES))
def test_affine_reading_agrees_with_scipy(border):
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(3, 2, 7, 9, generator=generator)
    matrices = torch.eye(2) + 0.4 * torch.randn(3, 2, 2, generator=generator)
    shifts = torch.randn(3, 2, generator=generator)
    rows, columns = affine_positions(matrices, shifts, height=7, width=9)
    found = read_at(images, rows, columns, border=border)
    middle = np.array([3.0, 4.0])
    for image, matrix, shift, ours in zip(images, matrices, shifts, found, strict=True):
        offset = middle + shift.numpy() - matrix.numpy() @ middle
        for channel, mine in zip(image, ours, strict=True):
            theirs = ndimage.affine_transform(
                channel.numpy().astype(np.float64), matrix.numpy(), offset, order=1, mode=SCIPY_MODES[border]
            )
            np.testing.assert_allclose(mine.numpy(), theirs, atol=1e-4)


def test_windows_agree_with_interpolate():
    image = torch.rand(1, 2, 9, 11, generator=torch.Generator().manual_seed(0))
    top, left, height, width = 2, 3, 5, 4
    rows = window_positions(torch.tensor([top]), torch.tensor([height]), 9)[:, :, None].expand(1, 9, 11)
    columns = window_positions(torch.tensor([left]), torch.tensor([width]), 11)[:, None, :].expand(1, 9, 11)
    window = image[:, :, top : top + height, left : left + width]
    expected = F.interpolate(window, size=(9, 11), mode="bilinear", align_corners=False)
    torch.testing.assert_close(read_at(image, rows, columns), expected, atol=1e-5, rtol=0)


def test_reading_bytes_in_place_returns_them_and_outside_is_what_was_said():
    images = torch.randint(0, 256, (2, 3, 5, 6), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    rows, columns = affine_positions(torch.eye(2).expand(2, 2, 2), torch.zeros(2, 2), height=5, width=6)
    assert torch.equal(read_at(images, rows, columns), images)
    away = read_at(images, rows + 50, columns, border="zero", outside=128.0)
    assert torch.equal(away, torch.full_like(images, 128))


def test_bytes_are_rounded_and_clipped_and_floats_are_not():
    values = torch.tensor([-3.0, 1.4, 1.6, 300.0])
    assert as_before(values, torch.uint8).tolist() == [0, 1, 2, 255]
    assert torch.equal(as_before(values, torch.float32), values)
