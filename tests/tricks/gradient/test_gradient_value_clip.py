import math

import pytest
import torch
from torch import nn

from assay.recipe import Recipe
from assay.tricks.gradient.gradient_value_clip import GradientValueClip, clip_values


def parameter_with_gradient(*gradient: float) -> nn.Parameter:
    parameter = nn.Parameter(torch.zeros(len(gradient)))
    parameter.grad = torch.tensor(gradient)
    return parameter


def test_each_component_is_clamped():
    parameters = [parameter_with_gradient(0.5, -3.0, 2.0), nn.Parameter(torch.zeros(1))]
    clip_values(parameters, max_value=1.0)
    assert parameters[0].grad.tolist() == [0.5, -1.0, 1.0]
    assert parameters[1].grad is None


def test_infinity_changes_nothing():
    parameter = parameter_with_gradient(0.5, -3e30)
    before = parameter.grad.clone()
    clip_values([parameter], max_value=math.inf)
    assert torch.equal(parameter.grad, before)


def test_the_trick_adds_one_gradient_edit():
    (edit,) = (Recipe() | GradientValueClip(2.5)).gradient_edits
    parameter = parameter_with_gradient(3.0, -4.0)
    edit([parameter])
    assert parameter.grad.tolist() == [2.5, -2.5]


@pytest.mark.parametrize("max_value", [0.0, -1.0, math.nan])
def test_bad_values_are_refused(max_value: float):
    with pytest.raises(ValueError, match=r"max_value must be above 0, got .*; the usual value is 1"):
        GradientValueClip(max_value)
    with pytest.raises(ValueError, match="max_value must be above 0"):
        clip_values([], max_value=max_value)
