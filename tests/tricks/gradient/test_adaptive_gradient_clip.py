import math

import pytest
import torch
from torch import nn

from assay.recipe import Recipe
from assay.tricks.gradient.adaptive_gradient_clip import AdaptiveGradientClip, clip_by_unit, unit_norms


def parameter(values: torch.Tensor, gradient: torch.Tensor) -> nn.Parameter:
    made = nn.Parameter(values)
    made.grad = gradient.clone()
    return made


def test_by_hand():
    # Rows of norm 5 and 0: bounds 0.5 and, from the floor, 0.0001.
    weight = parameter(torch.tensor([[3.0, 4.0], [0.0, 0.0]]), torch.tensor([[0.6, 0.8], [3.0, 4.0]]))
    clip_by_unit([weight], share=0.1)
    torch.testing.assert_close(weight.grad, torch.tensor([[0.3, 0.4], [6e-5, 8e-5]]))


@pytest.mark.parametrize("shape", [(4, 3, 2, 2), (5, 6), (7,), ()])
def test_agrees_with_a_loop_over_units(shape: tuple[int, ...]):
    generator = torch.Generator().manual_seed(0)
    values, gradient = (torch.randn(shape, generator=generator) for _ in range(2))
    weight = parameter(values, gradient)
    clip_by_unit([weight], share=0.9)
    units = [(values, gradient)] if len(shape) < 2 else list(zip(values, gradient, strict=True))
    expected = [g * min(1.0, 0.9 * max(v.norm().item(), 1e-3) / g.norm().item()) for v, g in units]
    torch.testing.assert_close(weight.grad, torch.stack(expected).reshape(shape))


def test_norms_have_a_shape_that_broadcasts():
    assert unit_norms(torch.ones(4, 3, 2, 2)).shape == (4, 1, 1, 1)
    assert unit_norms(torch.ones(5)).shape == (1,)
    assert unit_norms(torch.tensor(-2.0)).item() == 2.0


def test_no_gradient_and_infinity_change_nothing():
    still, weight = nn.Parameter(torch.ones(2)), parameter(torch.ones(2, 2), torch.full((2, 2), 1e20))
    clip_by_unit([still, weight], share=math.inf)
    assert still.grad is None
    assert torch.equal(weight.grad, torch.full((2, 2), 1e20))


def test_zero_gradients_stay_zero():
    weight = parameter(torch.zeros(2, 2), torch.zeros(2, 2))
    (edit,) = (Recipe() | AdaptiveGradientClip()).gradient_edits
    edit([weight])
    assert torch.equal(weight.grad, torch.zeros(2, 2))


@pytest.mark.parametrize("share", [0.0, -1.0, math.nan])
def test_bad_shares_are_refused(share: float):
    with pytest.raises(ValueError, match=r"share must be above 0, got .*; the usual value is 0.01"):
        AdaptiveGradientClip(share)
    with pytest.raises(ValueError, match="share must be above 0"):
        clip_by_unit([], share=share)
