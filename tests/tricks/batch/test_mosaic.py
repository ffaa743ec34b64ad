import pytest
import torch

from assay.losses import MeanSquaredError
from assay.recipe import Recipe, RecipeError
from assay.schedule import Clock
from assay.tricks.batch.cutmix import CutMix
from assay.tricks.batch.mosaic import Mosaic, mosaic


def test_by_hand():
    images = torch.arange(4.0)[:, None, None, None].expand(4, 1, 4, 5)
    partners = torch.tensor([[1, 2, 3, 0], [2, 3, 0, 1], [3, 0, 1, 2]])
    joined, targets = mosaic(images, torch.eye(4), partners, torch.tensor([1, 4, 0, 2]), torch.tensor([2, 5, 0, 1]))
    assert joined[0, 0].tolist() == [[0, 0, 1, 1, 1], *[[2, 2, 3, 3, 3]] * 3]
    torch.testing.assert_close(targets[0], torch.tensor([2, 3, 6, 9]) / 20)
    assert torch.equal(joined[1], images[1])
    assert targets[1].tolist() == [0, 1, 0, 0]
    # A point in the upper left corner shows the last partner alone.
    assert torch.equal(joined[2], images[1])
    assert targets[2].tolist() == [0, 1, 0, 0]


@pytest.mark.parametrize("cutmix", [0.0, 0.5])
@pytest.mark.parametrize("seed", range(5))
def test_targets_say_what_the_pixels_are(seed, cutmix):
    planes = torch.eye(8)[:, :, None, None].expand(8, 8, 7, 9).clone()
    (edit,) = (Recipe() | Mosaic(1.0, cutmix=cutmix)).batch_edits
    inputs, targets = edit(planes, torch.eye(8), torch.Generator().manual_seed(seed), Clock(0, 1, 1))
    torch.testing.assert_close(inputs.mean(dim=(2, 3)), targets, atol=1e-6, rtol=0)
    assert ((targets > 0).sum(1) > 1).any()


def test_the_point_keeps_its_margin_and_half_the_batches_are_joined():
    (edit,) = (Recipe() | Mosaic(margin=0.25)).batch_edits
    images, targets = torch.arange(64.0)[:, None, None, None].expand(64, 1, 8, 8).clone(), torch.eye(64)
    joined = 0
    for seed in range(40):
        inputs, mixed = edit(images, targets, torch.Generator().manual_seed(seed), Clock(0, 1, 1))
        joined += mixed is not targets
        # Two lines at each border always belong to one corner.
        assert torch.equal(inputs[:, :, 0, 0], inputs[:, :, 1, 1])
        assert torch.equal(inputs[:, :, 7, 7], inputs[:, :, 6, 6])
    assert 8 <= joined <= 32


def test_cutmix_takes_its_share_of_the_batches():
    planes, targets = torch.eye(8)[:, :, None, None].expand(8, 8, 9, 9).clone(), torch.eye(8)
    (edit,) = (Recipe() | Mosaic(1.0, cutmix=0.5)).batch_edits
    draws = (edit(planes, targets, torch.Generator().manual_seed(seed), Clock(0, 1, 1))[1] for seed in range(60))
    boxes = sum(int((mixed > 0).sum(1).max() <= 2) for mixed in draws)
    assert 15 <= boxes <= 45


def test_refusals():
    with pytest.raises(ValueError, match=r"probability must be in \[0, 1\], got 1.5"):
        Mosaic(1.5)
    with pytest.raises(ValueError, match=r"margin must be in \[0, 0.5\], got 0.6"):
        Mosaic(margin=0.6)
    with pytest.raises(ValueError, match=r"cutmix must be in \[0, 1\], got 2"):
        Mosaic(cutmix=2.0)
    with pytest.raises(RecipeError, match="Mosaic and CutMix both set pasted boxes; keep one of them"):
        _ = Recipe() | CutMix() | Mosaic()
    with pytest.raises(RecipeError, match="Mosaic needs a classification task"):
        _ = Recipe(loss=MeanSquaredError()) | Mosaic()
