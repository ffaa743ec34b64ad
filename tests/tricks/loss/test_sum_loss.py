import pytest
import torch

from assay.losses import CrossEntropy, MeanSquaredError
from assay.recipe import Recipe, RecipeError
from assay.tricks.loss.focal import Focal
from assay.tricks.loss.sum_loss import SumLoss


def test_it_is_the_batch_times_the_mean():
    outputs, targets = torch.randn(5, 3, generator=torch.Generator().manual_seed(0)), torch.arange(5) % 3
    loss = (Recipe() | SumLoss()).loss
    torch.testing.assert_close(loss(outputs, targets), 5 * CrossEntropy()(outputs, targets))
    assert torch.equal(loss(outputs, targets, "none"), CrossEntropy()(outputs, targets, "none"))


def test_it_takes_the_recipes_own_loss_and_refuses_another():
    assert (Recipe(loss=MeanSquaredError()) | SumLoss()).task == "regression"
    with pytest.raises(RecipeError, match="SumLoss and Focal both set loss; keep one of them"):
        Recipe() | Focal() | SumLoss()
