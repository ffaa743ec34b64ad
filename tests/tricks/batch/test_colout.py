import pytest
import torch

from assay.models.mlp import MLP
from assay.models.resnet import ResNet
from assay.recipe import Recipe, RecipeError
from assay.schedule import Clock
from assay.tricks.batch.colout import ColOut, draw_lines, keep_lines


def test_by_hand():
    image = torch.arange(12).view(1, 1, 3, 4)
    assert keep_lines(image, torch.tensor([0, 2]), torch.tensor([1, 3]))[0, 0].tolist() == [[1, 3], [9, 11]]


def test_lines_stay_in_order_and_are_the_same_for_all_images():
    rows = torch.arange(20.0)[:, None].expand(20, 10)
    images = torch.stack((rows, torch.arange(10.0).expand(20, 10)))[None].repeat(3, 1, 1, 1)
    targets = torch.eye(3)
    (edit,) = (Recipe(model=ResNet()) | ColOut(0.15)).batch_edits
    kept, same = edit(images, targets, torch.Generator().manual_seed(0), Clock(0, 1, 1))
    assert same is targets
    assert kept.shape == (3, 2, 17, 9)
    assert (kept[0, 0, :, 0].diff() > 0).all()
    assert (kept[0, 1, 0].diff() > 0).all()
    assert torch.equal(kept[0], kept[1])


@pytest.mark.parametrize(("length", "share", "kept"), [(20, 0.45, 11), (20, 0.15, 17), (10, 0.15, 9), (1, 0.9, 1)])
def test_how_many_lines_stay(length: int, share: float, kept: int):
    assert len(draw_lines(length, share, torch.Generator().manual_seed(0))) == kept


def test_refusals():
    with pytest.raises(ValueError, match=r"share must be in \[0, 0.9\], got 1"):
        ColOut(1.0)
    with pytest.raises(RecipeError, match="ColOut needs a network that takes images of any size"):
        _ = Recipe(model=MLP()) | ColOut()
