import pytest
import torch

from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.batch.time_mask import TimeMask, mask_time


def test_by_hand():
    signals = torch.ones(3, 2, 5)
    masked = mask_time(signals, torch.tensor([0, 2, 4]), torch.tensor([2, 0, 9]))
    assert masked[:, 0].tolist() == [[0, 0, 1, 1, 1], [1, 1, 1, 1, 1], [1, 1, 1, 1, 0]]
    assert torch.equal(masked[:, 0], masked[:, 1])


def test_widths_are_uniform_up_to_their_limit_and_everywhere():
    (edit,) = (Recipe() | TimeMask(0.3)).batch_edits
    targets = torch.eye(2000)
    masked, kept = edit(torch.ones(2000, 20), targets, torch.Generator().manual_seed(0), Clock(0, 1, 1))
    assert kept is targets
    hidden = (masked == 0).sum(1)
    assert sorted(set(hidden.tolist())) == list(range(7))
    # Mean width 3 of U{0, ..., 6}, deviation 2: four standard errors.
    assert abs(hidden.double().mean() - 3) < 0.18
    assert ((masked == 0).sum(0) > 0).all()


def test_two_masks_hide_more():
    inputs, targets = torch.ones(500, 20), torch.eye(500)
    hidden = []
    for masks in (1, 2):
        (edit,) = (Recipe() | TimeMask(0.3, masks=masks)).batch_edits
        hidden.append((edit(inputs, targets, torch.Generator().manual_seed(0), Clock(0, 1, 1))[0] == 0).sum())
    assert hidden[1] > 1.5 * hidden[0]


def test_refusals():
    with pytest.raises(ValueError, match=r"share must be in \[0, 1\], got 2"):
        TimeMask(2.0)
    with pytest.raises(ValueError, match="masks must be finite and at least 0, got -1"):
        TimeMask(masks=-1)
