import pytest
import torch
from torch import nn

from assay.losses import CrossEntropy, MeanSquaredError
from assay.models.mlp import MLP
from assay.recipe import Recipe, RecipeError
from assay.tricks.loss.focal import Focal, FocalLoss
from assay.tricks.penalty.gradient_penalty import GradientPenalty, differentiate_inputs


def hooked(model: nn.Module, tiny_images) -> nn.Module:
    return differentiate_inputs(model, tiny_images.specification)


def test_by_hand(tiny_images):
    """(w x - t)^2 has the input gradient 2 w (w x - t): with w = 3 it is 6 at x = 1, t = 2."""
    model = hooked(nn.Linear(1, 1, bias=False), tiny_images)
    nn.init.constant_(model.weight, 3.0)
    inputs, targets = torch.tensor([[1.0]]), torch.tensor([[2.0]])
    (penalty,) = (Recipe(loss=MeanSquaredError()) | GradientPenalty(0.5)).penalties
    found = penalty(model, inputs, model(inputs), targets)
    assert found.item() == pytest.approx(0.5 * 0.5 * 36)
    found.backward()
    # d/dw of 1/4 (2 w (w - 2))^2 = 1/2 (2 w^2 - 4 w)(4 w - 4) = 1/2 * 6 * 8
    assert model.weight.grad.item() == pytest.approx(24.0)


def test_agrees_with_a_loop_of_finite_differences(tiny_images):
    model = hooked(MLP(hidden=(5,)).build((3,), 2).double(), tiny_images)
    inputs, targets = torch.randn(2, 3, dtype=torch.float64), torch.tensor([0, 1])
    (penalty,) = (Recipe() | GradientPenalty(1.0)).penalties
    found, expected = penalty(model, inputs, model(inputs), targets).item(), 0.0
    for row, target in zip(inputs, targets, strict=True):
        for column in range(3):
            up, down = row.clone(), row.clone()
            up[column] += 1e-6
            down[column] -= 1e-6
            high, low = (CrossEntropy()(model(x[None]), target[None]) for x in (up, down))
            expected += 0.5 * ((high - low).item() / 2e-6) ** 2 / 2
    assert found == pytest.approx(expected, rel=1e-5)


def test_the_batch_is_left_alone_and_nothing_is_kept(tiny_images):
    model, inputs = hooked(nn.Linear(2, 2), tiny_images), torch.randn(3, 2)
    (penalty,) = (Recipe() | GradientPenalty()).penalties
    penalty(model, inputs, model(inputs), torch.tensor([0, 1, 0]))
    assert not inputs.requires_grad
    assert not hasattr(model, "seen_inputs")
    assert torch.equal(model.eval()(inputs), nn.functional.linear(inputs, model.weight, model.bias))


def test_losses_whose_slope_it_would_not_be_are_refused():
    with pytest.raises(RecipeError, match="Focal and GradientPenalty both set loss; keep one of them"):
        Recipe() | GradientPenalty() | Focal()
    with pytest.raises(RecipeError, match="GradientPenalty and Focal both set loss; keep one of them"):
        Recipe() | Focal() | GradientPenalty()
    with pytest.raises(RecipeError, match=r"GradientPenalty needs the loss CrossEntropy\(.*\); this recipe has"):
        Recipe(loss=FocalLoss()) | GradientPenalty()


def test_off_it_adds_nothing_and_bad_strengths_are_refused():
    off = Recipe() | GradientPenalty(0.0)
    assert off.penalties == off.model_edits == ()
    with pytest.raises(ValueError, match="strength must be finite and at least 0, got -1"):
        GradientPenalty(-1.0)
