import math

import pytest
import torch
from torch import nn

from assay.recipe import Recipe
from assay.tricks.gradient.gradient_clip import GradientClip, clip_gradients


def parameters_with_gradients(*gradients):
    parameters = [nn.Parameter(torch.zeros(len(gradient))) for gradient in gradients]
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter.grad = torch.tensor(gradient)
    return parameters


def test_by_hand():
    # 3, 4 and 12 have the joint norm 13.
    parameters = parameters_with_gradients([3.0, 4.0], [12.0])
    assert clip_gradients(parameters, max_norm=6.5).item() == pytest.approx(13.0)
    assert parameters[0].grad.tolist() == pytest.approx([1.5, 2.0])
    assert parameters[1].grad.tolist() == pytest.approx([6.0])


@pytest.mark.parametrize("seed", range(5))
def test_norm_is_bounded_and_direction_kept(seed):
    print("seed", seed)
    gradient = torch.randn(50, generator=torch.Generator().manual_seed(seed)) * 10**seed
    parameters = parameters_with_gradients(gradient.tolist())
    clip_gradients(parameters, max_norm=0.5)
    clipped = parameters[0].grad
    assert clipped.norm().item() <= 0.5 + 1e-6
    assert torch.cosine_similarity(clipped, gradient, dim=0).item() == pytest.approx(1.0)


@pytest.mark.parametrize("max_norm", [13.1, math.inf])
def test_short_gradients_are_left_exactly_alone(max_norm):
    parameters = parameters_with_gradients([3.0, 4.0], [12.0])
    clip_gradients(parameters, max_norm=max_norm)
    assert [parameter.grad.tolist() for parameter in parameters] == [[3.0, 4.0], [12.0]]


def test_parameters_without_a_gradient_are_skipped():
    parameters = [*parameters_with_gradients([3.0, 4.0]), nn.Parameter(torch.zeros(2))]
    assert clip_gradients(parameters, max_norm=1.0).item() == pytest.approx(5.0)
    assert parameters[1].grad is None


def test_the_trick_adds_one_gradient_edit():
    (edit,) = (Recipe() | GradientClip(2.5)).gradient_edits
    parameters = parameters_with_gradients([3.0, 4.0])
    edit(parameters)
    assert parameters[0].grad.tolist() == pytest.approx([1.5, 2.0])


@pytest.mark.parametrize("max_norm", [0.0, -1.0, math.nan])
def test_bad_norms_are_refused(max_norm):
    with pytest.raises(ValueError, match=r"max_norm must be above 0, got .*; the usual value is 1"):
        GradientClip(max_norm)
    with pytest.raises(ValueError, match="max_norm must be above 0"):
        clip_gradients([], max_norm=max_norm)
