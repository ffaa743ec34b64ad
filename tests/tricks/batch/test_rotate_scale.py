import math

import pytest
import torch

from assay.tricks.batch.rotate_scale import RotateScale, rotate_scale


def image() -> torch.Tensor:
    return torch.randint(0, 256, (1, 2, 9, 9), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_quarter_turns_are_exact(turns):
    one = torch.ones(1)
    found = rotate_scale(image(), turns * math.pi / 2 * one, one, one)
    assert (found.int() - image().rot90(turns, (2, 3)).int()).abs().max() <= 1


def test_zoom_and_stretch_by_hand():
    """Zoom 2 shows the middle at double distance: pixel 4 + k shows pixel 4 + k / 2."""
    one, half_zoom = torch.ones(1), torch.full((1,), 2.0)
    straight = torch.zeros(1)
    zoomed = rotate_scale(image().float(), straight, half_zoom, one)
    assert torch.allclose(zoomed[:, :, ::2, ::2], image().float()[:, :, 2:7, 2:7], atol=1e-3)
    # Taller by 2 and narrower by 2: rows as above, columns skipped.
    stretched = rotate_scale(image().float(), straight, one, half_zoom)
    assert torch.allclose(stretched[:, :, ::2, 2:7], image().float()[:, :, 2:7, ::2], atol=1e-3)


def test_what_is_constant_stays_so_inside_and_zeros_come_in_when_asked():
    plane = torch.full((4, 1, 8, 8), 7, dtype=torch.uint8)
    angles, one = torch.tensor([0.1, 0.5, 1.0, 3.0]), torch.ones(4)
    assert torch.equal(rotate_scale(plane, angles, one, one), plane)
    assert torch.equal(rotate_scale(plane, angles, one, one, border="edge"), plane)
    assert (rotate_scale(plane, angles, one / 2, one, border="zero")[:, :, 0, 0] == 0).all()


def test_refusals():
    with pytest.raises(ValueError, match=r"degrees must be in \[0, 180\], got -1"):
        RotateScale(degrees=-1.0)
    with pytest.raises(ValueError, match=r"scale must be in \[1, 4\], got 0.9"):
        RotateScale(scale=0.9)
    with pytest.raises(ValueError, match=r"stretch must be in \[1, 4\], got 0"):
        RotateScale(stretch=0.0)
    with pytest.raises(ValueError, match="border must be one of reflect, edge, zero, got 'wrap'"):
        RotateScale(border="wrap")
