import pytest
import torch

from assay.losses import MeanSquaredError
from assay.recipe import Recipe, RecipeError
from assay.schedule import Clock
from assay.tricks.batch.rare_class_crops import RareClassCrops, belongs_to


def test_only_images_of_the_named_classes_change():
    images = torch.randn(40, 3, 10, 10, generator=torch.Generator().manual_seed(0))
    targets = torch.eye(4).repeat(10, 1)
    (edit,) = (Recipe() | RareClassCrops((1, 3))).batch_edits
    cropped, kept = edit(images, targets, torch.Generator().manual_seed(1), Clock(0, 1, 1))
    assert kept is targets
    changed = (cropped != images).flatten(1).any(1)
    assert torch.equal(changed, targets[:, 1] + targets[:, 3] > 0)


def test_mixed_examples_belong_to_what_holds_half_of_them():
    targets = torch.tensor([[0.5, 0.5, 0.0], [0.6, 0.2, 0.2], [0.1, 0.3, 0.6]])
    assert belongs_to(targets, (1,)).tolist() == [True, False, False]
    assert belongs_to(targets, (1, 2)).tolist() == [True, False, True]


def test_refusals():
    with pytest.raises(ValueError, match=r"area must be in \[0.001, 1\], got 0"):
        RareClassCrops(area=0.0)
    with pytest.raises(ValueError, match="classes must be finite and at least 0, got -1"):
        RareClassCrops((2, -1))
    with pytest.raises(ValueError, match=r"classes must be indices below the 3 classes of the data, got \(0, 3\)"):
        belongs_to(torch.eye(3), (0, 3))
    with pytest.raises(RecipeError, match="RareClassCrops needs a classification task"):
        _ = Recipe(loss=MeanSquaredError()) | RareClassCrops()
