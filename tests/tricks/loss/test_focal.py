import math

import pytest
import torch
import torch.nn.functional as F

from assay.losses import CrossEntropy, MeanSquaredError
from assay.recipe import Recipe, RecipeError
from assay.tricks.loss.focal import Focal, FocalLoss


def outputs_and_indices() -> tuple[torch.Tensor, torch.Tensor]:
    return 3 * torch.randn(12, 4, generator=torch.Generator().manual_seed(0)), torch.arange(12) % 4


def test_by_hand():
    """p = 0.9: (1 - 0.9)^2 * -log 0.9; the paper's example of a hundredfold smaller loss."""
    outputs = torch.log(torch.tensor([[0.9, 0.1]]))
    loss = FocalLoss(gamma=2.0)(outputs, torch.tensor([0])).item()
    assert loss == pytest.approx(0.01 * -math.log(0.9), rel=1e-4)
    weighted = FocalLoss(gamma=2.0, alpha=(0.75, 0.25))(outputs, torch.tensor([1])).item()
    assert weighted == pytest.approx(0.25 * 0.81 * -math.log(0.1), rel=1e-4)


@pytest.mark.parametrize("reduction", ["mean", "none"])
def test_gamma_0_is_cross_entropy_exactly(reduction):
    outputs, indices = outputs_and_indices()
    assert torch.equal(FocalLoss(gamma=0.0)(outputs, indices, reduction), CrossEntropy()(outputs, indices, reduction))


def test_gamma_near_0_approaches_cross_entropy():
    outputs, indices = outputs_and_indices()
    torch.testing.assert_close(
        FocalLoss(gamma=1e-7)(outputs, indices), F.cross_entropy(outputs, indices), rtol=1e-4, atol=0
    )


def test_alpha_alone_agrees_with_torch_class_weights():
    """Per example: torch's weighted *mean* divides by the sum of weights, ours by the examples."""
    outputs, indices = outputs_and_indices()
    alpha = (1.0, 0.5, 2.0, 0.1)
    expected = F.cross_entropy(outputs, indices, weight=torch.tensor(alpha), reduction="none")
    torch.testing.assert_close(FocalLoss(gamma=0.0, alpha=alpha)(outputs, indices, "none"), expected)


def test_indices_and_one_hot_rows_agree_and_mean_is_the_mean():
    outputs, indices = outputs_and_indices()
    loss = FocalLoss(gamma=2.0)
    each = loss(outputs, indices, "none")
    torch.testing.assert_close(loss(outputs, F.one_hot(indices, 4).float(), "none"), each)
    torch.testing.assert_close(loss(outputs, indices), each.mean())
    assert each.shape == (12,)


def test_gradients_stay_finite_at_certainty():
    outputs = torch.tensor([[200.0, -200.0], [-200.0, 200.0]], requires_grad=True)
    FocalLoss(gamma=0.5)(outputs, torch.tensor([0, 0])).backward()
    assert outputs.grad is not None
    assert outputs.grad.isfinite().all()


def test_trick_fills_the_loss():
    recipe = Recipe() | Focal(gamma=1.0, alpha=(0.2, 0.8))
    assert recipe.loss == FocalLoss(gamma=1.0, alpha=(0.2, 0.8))
    assert recipe.task == "classification"


def test_refusals():
    with pytest.raises(ValueError, match="gamma must be finite and at least 0, got -1"):
        Focal(gamma=-1.0)
    with pytest.raises(ValueError, match=r"alpha must be finite and at least 0, got -0.5"):
        Focal(alpha=(1.0, -0.5))
    with pytest.raises(ValueError, match="alpha must have one weight a class, got 3 for 4 classes"):
        FocalLoss(alpha=(1.0, 1.0, 1.0))(*outputs_and_indices())
    with pytest.raises(RecipeError, match="Focal needs a classification task"):
        Recipe(loss=MeanSquaredError()) | Focal()


def test_a_loss_alone_refuses_what_the_trick_refuses():
    with pytest.raises(ValueError, match="gamma must be finite and at least 0, got -1"):
        FocalLoss(-1.0)
    with pytest.raises(ValueError, match="alpha must be finite and at least 0, got -2"):
        FocalLoss(alpha=(1.0, -2.0))
