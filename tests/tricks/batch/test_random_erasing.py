import pytest
import torch

from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.batch.random_erasing import RandomErasing, erase

CLOCK = Clock(0, 1, 1)


def test_by_hand():
    erased = torch.tensor([[[True, False], [False, True]]])
    assert erase(torch.ones(1, 2, 2, 2), erased)[0, 1].tolist() == [[0, 1], [1, 0]]
    noise = torch.full((1, 2, 2, 2), 5.0)
    assert erase(torch.ones(1, 2, 2, 2), erased, noise)[0, 0].tolist() == [[5, 1], [1, 5]]


def test_one_rectangle_of_the_asked_share_in_the_asked_share_of_images():
    images, targets = torch.ones(600, 1, 30, 30), torch.eye(600)
    (edit,) = (Recipe() | RandomErasing(0.5, area=(0.1, 0.3))).batch_edits
    found, kept = edit(images, targets, torch.Generator().manual_seed(0), CLOCK)
    assert kept is targets
    hidden = found[:, 0] == 0
    shares = hidden.float().mean((1, 2))
    touched = shares > 0
    assert abs(touched.float().mean() - 0.5) < 0.085
    assert 0.08 < shares[touched].min() < 0.12
    assert 0.27 < shares[touched].max() < 0.33
    # A rectangle is the product of its rows and columns.
    assert torch.equal(hidden, hidden.any(2)[:, :, None] & hidden.any(1)[:, None, :])


def test_noise_has_deviation_one():
    (edit,) = (Recipe() | RandomErasing(1.0, area=(0.3, 0.3), fill="noise")).batch_edits
    found, _ = edit(torch.zeros(50, 3, 20, 20), torch.eye(50), torch.Generator().manual_seed(0), CLOCK)
    assert found[found != 0].std().item() == pytest.approx(1.0, abs=0.05)


def test_refusals():
    with pytest.raises(ValueError, match=r"probability must be in \[0, 1\], got -1"):
        RandomErasing(-1.0)
    with pytest.raises(ValueError, match=r"area\[1\] must be in \[0.4, 1\], got 0.2"):
        RandomErasing(area=(0.4, 0.2))
    with pytest.raises(ValueError, match=r"aspect\[0\] must be in \[0.01, 100\], got 0"):
        RandomErasing(aspect=(0.0, 1.0))
    with pytest.raises(ValueError, match="fill must be one of zero, noise, got 'mean'"):
        RandomErasing(fill="mean")
