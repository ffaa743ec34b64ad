import pytest
import torch
import torch.nn.functional as F

from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.batch.translate import Translate, translate_images

PAD_MODES = {"reflect": "reflect", "edge": "replicate", "zero": "constant"}


@pytest.mark.parametrize("border", list(PAD_MODES))
@pytest.mark.parametrize(("down", "right"), [(0, 0), (2, -3), (-3, 1), (3, 3)])
def test_agrees_with_padding_and_cutting(border, down, right):
    images = torch.rand(2, 3, 6, 7, generator=torch.Generator().manual_seed(0))
    padded = F.pad(images, (3, 3, 3, 3), mode=PAD_MODES[border])
    expected = padded[:, :, 3 + down : 9 + down, 3 + right : 10 + right]
    found = translate_images(images, torch.full((2,), down), torch.full((2,), right), border=border)
    assert torch.equal(found, expected)


def test_shifts_reach_their_limit_in_both_directions_and_each_image_has_its_own():
    image = torch.zeros(1, 1, 16, 8, dtype=torch.uint8)
    image[:, :, 8, 4] = 1
    (edit,) = (Recipe() | Translate(0.25, border="zero")).input_edits
    found = edit(image.repeat(400, 1, 1, 1), torch.arange(400), torch.Generator().manual_seed(0), Clock(0, 1, 1))
    _, _, rows, columns = found.nonzero().T
    assert sorted(set(rows.tolist())) == list(range(4, 13))
    assert sorted(set(columns.tolist())) == list(range(2, 7))


def test_a_whole_side_is_allowed_and_one_pixel_wide_images_too():
    images = torch.arange(6, dtype=torch.uint8).view(1, 1, 6, 1)
    far = translate_images(images, torch.tensor([6]), torch.tensor([1]))
    assert far.flatten().tolist() == [4, 3, 2, 1, 0, 1]


def test_refusals():
    with pytest.raises(ValueError, match=r"share must be in \[0, 1\], got 2"):
        Translate(2.0)
    with pytest.raises(ValueError, match="border must be one of reflect, edge, zero, got 'none'"):
        Translate(border="none")
