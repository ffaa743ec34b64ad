import pytest
import torch
import torch.nn.functional as F

from assay.recipe import Recipe, RecipeError
from assay.schedule import Clock
from assay.tricks.batch.crop import Crop, cut_windows, pad_images, random_crop


def images(*shape: int, dtype: torch.dtype = torch.uint8) -> torch.Tensor:
    return torch.randint(0, 256, shape, generator=torch.Generator().manual_seed(1)).to(dtype)


def test_reflected_row_by_hand():
    row = torch.tensor([[[[1, 2, 3]] * 3]], dtype=torch.uint8)
    assert pad_images(row, padding=2)[0, 0, 0].tolist() == [3, 2, 1, 2, 3, 2, 1]
    assert pad_images(row, padding=1, mode="zero")[0, 0, 1].tolist() == [0, 1, 2, 3, 0]


@pytest.mark.parametrize("padding", [0, 1, 4, 5])
def test_reflection_agrees_with_torch(padding):
    batch = images(5, 3, 6, 9)
    assert torch.equal(pad_images(batch, padding=padding), F.pad(batch, (padding,) * 4, mode="reflect"))


@pytest.mark.parametrize("shape", [(1, 1, 8, 8), (6, 3, 7, 11), (64, 3, 32, 32)])
@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
def test_windows_agree_with_slicing_each_image(shape, dtype):
    padded = images(shape[0], shape[1], shape[2] + 4, shape[3] + 4, dtype=dtype)
    top, left = torch.randint(0, 5, (2, shape[0]), generator=torch.Generator().manual_seed(2))
    top[0], left[0], top[-1], left[-1] = 0, 0, 4, 4
    expected = torch.stack(
        [image[:, t : t + shape[2], x : x + shape[3]] for image, t, x in zip(padded, top, left, strict=True)]
    )
    assert torch.equal(cut_windows(padded, top, left, height=shape[2], width=shape[3]), expected)


def test_windows_of_a_transposed_batch_are_right():
    padded = images(3, 1, 6, 5).transpose(2, 3)
    found = cut_windows(padded, torch.tensor([1, 0, 1]), torch.tensor([2, 0, 1]), height=4, width=4)
    assert torch.equal(found[0], padded[0, :, 1:5, 2:6])


def test_every_shift_occurs_and_only_those():
    """On an image that holds its own coordinates the shift can be read off the first pixel."""
    rows = torch.arange(12, dtype=torch.uint8)[:, None].expand(12, 12)
    batch = torch.stack([rows, rows.T])[None].expand(2000, 2, 12, 12)
    corners = random_crop(batch, torch.Generator().manual_seed(0), padding=2, mode="reflect")[:, :, 6, 6]
    assert {tuple(pair) for pair in corners.tolist()} == {(r, c) for r in range(4, 9) for c in range(4, 9)}


def test_edit_is_reproducible_keeps_type_and_leaves_its_input_alone():
    batch = images(8, 3, 10, 10)
    before = batch.clone()
    edit = (Recipe() | Crop(padding=3)).input_edits[0]
    once, again = (edit(batch, torch.arange(8), torch.Generator().manual_seed(5), Clock(0, 1, 1)) for _ in range(2))
    assert torch.equal(once, again)
    assert once.shape == batch.shape
    assert once.dtype == torch.uint8
    assert torch.equal(batch, before)
    assert not torch.equal(once, batch)


def test_padding_0_is_identity():
    batch = images(4, 1, 8, 8)
    assert torch.equal(random_crop(batch, torch.Generator().manual_seed(0), padding=0), batch)


def test_refusals():
    with pytest.raises(
        ValueError, match=r"padding must be smaller than the image's side .* got 4 for 4x9 .* at most 3"
    ):
        pad_images(images(2, 1, 4, 9), padding=4)
    with pytest.raises(ValueError, match="padding must be finite and at least 0, got -1"):
        Crop(padding=-1)
    with pytest.raises(ValueError, match="mode must be one of reflect, zero, got 'wrap'"):
        Crop(mode="wrap")
    with pytest.raises(RecipeError, match="Crop needs images"):
        random_crop(torch.zeros(4, 30), torch.Generator(), padding=4)
