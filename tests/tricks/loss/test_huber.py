import pytest
import torch
import torch.nn.functional as F

from assay.losses import MeanSquaredError
from assay.recipe import Recipe, RecipeError
from assay.tricks.loss.huber import Huber, HuberLoss


def test_by_hand():
    """Errors 1 and 4 with delta 2: 1/2, and 2 * (4 - 1) = 6."""
    losses = HuberLoss(2.0)(torch.tensor([[1.0], [4.0]]), torch.zeros(2, 1), "none")
    assert losses.tolist() == [0.5, 6.0]
    assert HuberLoss(2.0)(torch.tensor([[1.0], [4.0]]), torch.zeros(2, 1)).item() == 3.25


def test_a_large_delta_is_half_the_squared_error():
    outputs, targets = torch.randn(6, 2), torch.randn(6, 2)
    torch.testing.assert_close(HuberLoss(1e4)(outputs, targets), F.mse_loss(outputs, targets) / 2)


def test_what_it_refuses():
    assert (Recipe(loss=MeanSquaredError()) | Huber(0.5)).loss == HuberLoss(0.5)
    with pytest.raises(RecipeError, match="Huber needs a regression task"):
        Recipe() | Huber()
    with pytest.raises(ValueError, match="delta must be finite and above 0, got 0"):
        Huber(0.0)
    with pytest.raises(ValueError, match="broadcasting would train on noise"):
        HuberLoss()(torch.zeros(4, 1), torch.zeros(4))
