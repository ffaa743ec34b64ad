import pytest
import torch

from assay.losses import MeanSquaredError
from assay.recipe import Recipe, RecipeError
from assay.tricks.loss.mean_absolute_error import AbsoluteError, MeanAbsoluteError


def test_by_hand():
    outputs, targets = torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([[1.0, 0.0], [0.0, 4.0]])
    torch.testing.assert_close(AbsoluteError()(outputs, targets, "none"), torch.tensor([1.0, 1.5]))
    assert AbsoluteError()(outputs, targets).item() == 1.25


def test_its_minimum_is_the_median():
    """Of 0, 1 and 10: the slope at the median 1 is between -1/3 and 1/3, and 0 there."""
    constant = torch.ones(1, requires_grad=True)
    AbsoluteError()(constant.expand(3, 1), torch.tensor([[0.0], [1.0], [10.0]])).backward()
    assert constant.grad is not None
    assert constant.grad.item() == 0.0


def test_what_it_refuses():
    assert (Recipe(loss=MeanSquaredError()) | MeanAbsoluteError()).task == "regression"
    with pytest.raises(RecipeError, match="MeanAbsoluteError needs a regression task"):
        Recipe() | MeanAbsoluteError()
    with pytest.raises(ValueError, match="broadcasting would train on noise"):
        AbsoluteError()(torch.zeros(4, 1), torch.zeros(4))
