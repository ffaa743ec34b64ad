"""What each change takes away, and what it leaves."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from assay.audit.questionnaire import changes


@pytest.fixture
def generator() -> torch.Generator:
    return torch.Generator().manual_seed(401)


def images(*shape: int) -> Tensor:
    return torch.randint(0, 256, shape, generator=torch.Generator().manual_seed(400), dtype=torch.uint8)


def test_coarsened_blocks_are_averages_by_hand() -> None:
    """Blocks of 2 have means 1 and 5; between their centres, at 1/4 and 3/4 of the way, lie 2 and 4."""
    row = torch.tensor([[[[0.0, 2.0, 4.0, 6.0]]]])
    assert changes.coarsen(row, factor=2).flatten().tolist() == [1.0, 2.0, 4.0, 5.0]


def test_coarsening_keeps_shape_type_and_even_images() -> None:
    even = torch.full((2, 3, 7, 9), 200, dtype=torch.uint8)
    assert torch.equal(changes.coarsen(even, factor=4), even)


@pytest.mark.parametrize("shape", [(5, 3, 8, 8), (5, 1, 9, 14), (5, 2, 1, 21)])
def test_shuffled_patches_are_the_same_patches(shape: tuple[int, ...], generator: torch.Generator) -> None:
    before = images(*shape)
    after = changes.shuffle_patches(before, generator, grid=4)
    assert after.shape == before.shape
    assert torch.equal(after.flatten(1).sort(1).values, before.flatten(1).sort(1).values)
    assert not torch.equal(after, before)


def test_a_patch_stays_whole(generator: torch.Generator) -> None:
    numbers = torch.arange(4).repeat_interleave(2).repeat_interleave(1)
    row = numbers.view(1, 1, 1, 8).float()
    moved = changes.shuffle_patches(row, generator, grid=4).flatten()
    assert torch.equal(moved[::2], moved[1::2])


def test_grey_is_the_luma_in_all_channels() -> None:
    pure = torch.tensor([255, 0, 0], dtype=torch.uint8).view(1, 3, 1, 1)
    assert changes.to_grey(pure).flatten().tolist() == [76, 76, 76]


def test_even_exposure_gives_all_the_same_level_and_strength() -> None:
    base = torch.randn(1, 2, 6, 6, generator=torch.Generator().manual_seed(400), dtype=torch.float64)
    all_of_it = changes.even_exposure(torch.cat([base, 5 * base + 3, base - 8]))
    assert torch.allclose(all_of_it[0], all_of_it[1], atol=1e-5)
    assert torch.allclose(all_of_it[0], all_of_it[2], atol=1e-5)


def test_even_exposure_of_a_flat_image_is_finite() -> None:
    assert changes.even_exposure(torch.zeros(2, 1, 4, 4)).isfinite().all()


def test_moved_images_wrap_around(generator: torch.Generator) -> None:
    before = images(20, 1, 8, 8)
    after = changes.move(before, generator, share=0.25)
    for one, other in zip(before, after, strict=True):
        turned = [one.roll((down, right), (1, 2)) for down in range(-2, 3) for right in range(-2, 3)]
        assert any(torch.equal(other, candidate) for candidate in turned)
    assert not torch.equal(after, before)


@pytest.mark.parametrize("change", [changes.mirror, changes.upside_down, changes.negate])
def test_twice_is_the_identity(change) -> None:
    before = images(3, 3, 6, 6).double()
    assert torch.allclose(change(change(before)), before, atol=1e-3)


def test_every_image_is_turned(generator: torch.Generator) -> None:
    before = images(30, 1, 5, 5)
    after = changes.quarter_turns(before, generator)
    seen = [
        next(t for t in (1, 2, 3) if torch.equal(b.rot90(t, (1, 2)), a)) for b, a in zip(before, after, strict=True)
    ]
    assert set(seen) == {1, 2, 3}


def test_bytes_stay_bytes() -> None:
    assert changes.like(images(1), torch.tensor([-3.2, 1.6, 300.0])).tolist() == [0, 2, 255]
