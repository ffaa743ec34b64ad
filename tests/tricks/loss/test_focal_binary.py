import math

import pytest
import torch
import torch.nn.functional as F

from assay.losses import MeanSquaredError
from assay.recipe import Recipe, RecipeError
from assay.tricks.loss.focal_binary import FocalBinary, FocalBinaryLoss


def test_by_hand():
    """p = (0.8, 0.5); the first class is true: .25 * .2^2 * -log .8 and .75 * .5^2 * -log .5."""
    outputs, targets = torch.tensor([[math.log(4.0), 0.0]]), torch.tensor([[1.0, 0.0]])
    expected = 0.25 * 0.04 * -math.log(0.8) + 0.75 * 0.25 * math.log(2.0)
    assert FocalBinaryLoss(2.0, 0.25)(outputs, targets).item() == pytest.approx(expected, rel=1e-5)


def test_gamma_0_is_binary_cross_entropy():
    outputs, targets = torch.randn(5, 3, generator=torch.Generator().manual_seed(0)), torch.rand(5, 3)
    expected = F.binary_cross_entropy_with_logits(outputs, targets, reduction="none").sum(1)
    torch.testing.assert_close(FocalBinaryLoss(gamma=0.0)(outputs, targets, "none"), expected)


def test_agrees_with_a_loop_in_float64():
    outputs = 3 * torch.randn(4, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    targets = torch.rand(4, 3, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    for row, wanted, loss in zip(outputs, targets, FocalBinaryLoss(1.5, 0.3)(outputs, targets, "none"), strict=True):
        expected = 0.0
        for x, t in zip(row.tolist(), wanted.tolist(), strict=True):
            p = 1 / (1 + math.exp(-x))
            expected -= 0.3 * t * (1 - p) ** 1.5 * math.log(p) + 0.7 * (1 - t) * p**1.5 * math.log(1 - p)
        assert loss.item() == pytest.approx(expected)


@pytest.mark.parametrize("gamma", [0.5, 2.0])
def test_gradients_stay_finite_at_certainty(gamma):
    outputs = torch.tensor([[300.0, -300.0], [-300.0, 300.0]], requires_grad=True)
    FocalBinaryLoss(gamma)(outputs, torch.tensor([0, 0])).backward()
    assert outputs.grad is not None
    assert outputs.grad.isfinite().all()


def test_what_it_refuses():
    assert (Recipe() | FocalBinary(1.0, 0.5)).loss == FocalBinaryLoss(1.0, 0.5)
    with pytest.raises(RecipeError, match="FocalBinary needs a classification task"):
        Recipe(loss=MeanSquaredError()) | FocalBinary()
    with pytest.raises(ValueError, match="gamma must be finite and at least 0, got -1"):
        FocalBinary(-1.0)
    with pytest.raises(ValueError, match=r"alpha must be in \[0, 1\], got 1.5"):
        FocalBinary(alpha=1.5)
