import pytest
import torch

from assay.losses import MeanSquaredError
from assay.recipe import Recipe, RecipeError
from assay.schedule import Clock
from assay.tricks.batch.cutmix import CutMix, cutmix, draw_box, edit_cutmix

CLOCK = Clock(0, 1, 1)


def test_by_hand():
    images = torch.stack([torch.zeros(1, 4, 4), torch.ones(1, 4, 4)])
    pasted, targets = cutmix(images, torch.eye(2), torch.tensor([1, 0]), box=(0, 2, 1, 3))
    assert pasted[0, 0].tolist() == [[0, 1, 1, 0], [0, 1, 1, 0], [0, 0, 0, 0], [0, 0, 0, 0]]
    assert targets.tolist() == [[0.75, 0.25], [0.25, 0.75]]
    assert images[0].sum() == 0


def test_share_is_counted_after_clipping():
    """A box asked for in the corner is a quarter of its size; the targets follow the pixels."""
    seed = 0
    generator = torch.Generator().manual_seed(seed)
    for _ in range(200):
        top, bottom, left, right = draw_box(10, 14, 0.5, generator)
        assert 0 <= top <= bottom <= 10, seed
        assert 0 <= left <= right <= 14, seed
        images = torch.stack([torch.zeros(1, 10, 14), torch.ones(1, 10, 14)])
        pasted, targets = cutmix(images, torch.eye(2), torch.tensor([1, 0]), box=(top, bottom, left, right))
        assert targets[0, 1].item() == pytest.approx(pasted[0].mean().item(), abs=1e-6)


def test_unclipped_box_has_sides_of_the_root():
    sizes = set()
    generator = torch.Generator().manual_seed(0)
    for _ in range(100):
        top, bottom, left, right = draw_box(100, 200, 0.75, generator)
        sizes.add((bottom - top, right - left))
    assert max(sizes) == (50, 100)


@pytest.mark.parametrize(("height", "width"), [(1, 200), (200, 1)])
def test_one_row_or_column_is_cut_along_its_length(height: int, width: int):
    """Its box is as high as it is, so the share is all in the other side; of one pixel nothing can be pasted."""
    generator = torch.Generator().manual_seed(0)
    boxes = [draw_box(height, width, 0.75, generator) for _ in range(300)]
    sizes = {(bottom - top, right - left) for top, bottom, left, right in boxes}
    assert max(sizes) == (min(height, 50), min(width, 50))
    assert all(high * wide > 0 for high, wide in sizes)
    top, bottom, left, right = draw_box(1, 1, 0.75, generator)
    assert (bottom - top) * (right - left) == 0


def test_whole_and_empty_box_are_the_limits():
    images, targets = torch.randn(3, 1, 4, 4, generator=torch.Generator().manual_seed(0)), torch.eye(3)
    partner = torch.tensor([2, 0, 1])
    whole, empty = (
        cutmix(images, targets, partner, box=(0, 4, 0, 4)),
        cutmix(images, targets, partner, box=(2, 2, 0, 4)),
    )
    assert torch.equal(whole[0], images[partner])
    assert torch.equal(whole[1], targets[partner])
    assert torch.equal(empty[0], images)
    assert torch.equal(empty[1], targets)


def test_probability_is_the_share_of_batches():
    images, targets = torch.zeros(2, 1, 4, 4), torch.eye(2)
    generator = torch.Generator().manual_seed(0)
    same = sum(
        edit_cutmix(images, targets, generator, CLOCK, alpha=1.0, probability=0.25)[0] is images for _ in range(400)
    )
    assert abs(same / 400 - 0.75) < 4 * (0.25 * 0.75 / 400) ** 0.5


def test_probability_0_is_identity():
    images, targets = torch.ones(2, 1, 4, 4), torch.eye(2)
    edited = edit_cutmix(images, targets, torch.Generator(), CLOCK, alpha=1.0, probability=0.0)
    assert edited[0] is images
    assert edited[1] is targets


def test_refusals():
    with pytest.raises(ValueError, match=r"alpha must be finite and at least 0.01, got 0"):
        CutMix(alpha=0.0)
    with pytest.raises(ValueError, match=r"probability must be in \[0, 1\], got 50"):
        CutMix(probability=50.0)
    with pytest.raises(RecipeError, match="CutMix needs a classification task"):
        Recipe(loss=MeanSquaredError()) | CutMix()
    with pytest.raises(RecipeError, match=r"CutMix needs images .* shape \(4, 30\)"):
        edit_cutmix(torch.zeros(4, 30), torch.eye(4), torch.Generator(), CLOCK, alpha=1.0, probability=1.0)
