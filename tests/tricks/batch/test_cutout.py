import pytest
import torch

from assay.recipe import Recipe, RecipeError
from assay.schedule import Clock
from assay.tricks.batch.cutout import Cutout, cut_squares


def test_squares_by_hand_clipped_at_the_border():
    cut = cut_squares(torch.ones(3, 2, 5, 5), torch.tensor([2, 0, 4]), torch.tensor([2, 0, 4]), size=3)
    expected = torch.ones(3, 5, 5)
    expected[0, 1:4, 1:4] = 0
    expected[1, 0:2, 0:2] = 0
    expected[2, 3:5, 3:5] = 0
    assert torch.equal(cut[:, 0], expected)
    assert torch.equal(cut[:, 1], expected)


def test_even_square_reaches_further_up_and_left():
    cut = cut_squares(torch.ones(1, 1, 6, 6), torch.tensor([3]), torch.tensor([3]), size=4)
    assert (cut == 0).nonzero()[:, 2:].amin(0).tolist() == [1, 1]
    assert (cut == 0).nonzero()[:, 2:].amax(0).tolist() == [4, 4]


def test_edit_keeps_targets_and_cuts_each_image_elsewhere():
    inputs, targets = torch.ones(500, 1, 9, 9), torch.eye(500)
    edit = (Recipe() | Cutout(size=3)).batch_edits[0]
    cut, kept = edit(inputs, targets, torch.Generator().manual_seed(0), Clock(0, 1, 1))
    assert kept is targets
    hidden = (cut == 0).sum(dim=(1, 2, 3))
    assert set(hidden.tolist()) == {4, 6, 9}
    # With uniform centres a side is clipped to 2 of 3 pixels with probability 2/9: mean 25/9 squared.
    assert hidden.double().mean().item() == pytest.approx((25 / 9) ** 2, abs=0.35)
    assert torch.equal(inputs, torch.ones(500, 1, 9, 9))


def test_size_0_is_identity():
    inputs = torch.randn(4, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    assert torch.equal(cut_squares(inputs, torch.arange(4), torch.arange(4), size=0), inputs)


def test_refusals():
    with pytest.raises(ValueError, match="size must be finite and at least 0, got -2"):
        Cutout(size=-2)
    edit = (Recipe() | Cutout()).batch_edits[0]
    with pytest.raises(RecipeError, match=r"Cutout needs images .* got inputs of shape \(4, 30\)"):
        edit(torch.zeros(4, 30), torch.eye(4), torch.Generator(), Clock(0, 1, 1))
