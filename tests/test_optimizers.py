"""Optimiser settings build PyTorch's optimisers; one step of each, worked by hand."""

import math
from dataclasses import replace

import pytest
import torch
from torch import nn

from assay.optimizers import OPTIMIZERS, SGD, Adam, AdamW, OptimizerBuilder, set_momentum

every_optimizer = pytest.mark.parametrize("kind", OPTIMIZERS, ids=lambda kind: kind.__name__)


def weight_after(builder: OptimizerBuilder, gradients: list[float], start: float = 1.0) -> float:
    weight = nn.Parameter(torch.tensor([start], dtype=torch.float64))
    optimizer = builder.build([{"params": [weight]}])
    for gradient in gradients:
        weight.grad = torch.tensor([gradient], dtype=torch.float64)
        optimizer.step()
    return weight.item()


def test_sgd_with_momentum_by_hand():
    # buffer 2, then 0.9 * 2 + 4 = 5.8; weight 1 - 0.1 * 2 = 0.8, then 0.8 - 0.58
    builder = SGD(learning_rate=0.1, momentum=0.9, nesterov=False)
    assert weight_after(builder, [2.0, 4.0]) == pytest.approx(0.22)


def test_sgd_with_nesterov_momentum_by_hand():
    # gradient + 0.9 * buffer: 2 + 1.8 = 3.8, then 4 + 0.9 * 5.8 = 9.22
    builder = SGD(learning_rate=0.1, momentum=0.9, nesterov=True)
    assert weight_after(builder, [2.0, 4.0]) == pytest.approx(1 - 0.38 - 0.922)


def test_sgd_adds_decay_to_the_gradient():
    assert weight_after(SGD(0.1, momentum=0.0, weight_decay=0.5), [2.0]) == pytest.approx(1 - 0.1 * (2 + 0.5))


def test_sgd_without_momentum_is_plain_even_where_nesterov_is_on():
    assert weight_after(SGD(0.1, momentum=0.0, nesterov=True), [2.0, 4.0]) == pytest.approx(1 - 0.2 - 0.4)


@pytest.mark.parametrize("builder", [Adam(0.01), AdamW(0.01, weight_decay=0.0)], ids=repr)
def test_adams_first_step_is_the_learning_rate_whatever_the_gradient(builder: OptimizerBuilder):
    assert weight_after(builder, [123.0]) == pytest.approx(1 - 0.01)


def test_adams_second_step_by_hand():
    first = (0.9 * 0.1 * 2 + 0.1 * 4) / (1 - 0.9**2)
    second = (0.999 * 0.001 * 4 + 0.001 * 16) / (1 - 0.999**2)
    assert weight_after(Adam(0.01), [2.0, 4.0]) == pytest.approx(1 - 0.01 - 0.01 * first / math.sqrt(second))


def test_adamw_decays_outside_the_moments():
    assert weight_after(AdamW(0.01, weight_decay=0.5), [123.0]) == pytest.approx(1 - 0.01 * 0.5 - 0.01)
    assert weight_after(Adam(0.01, weight_decay=0.5), [123.0]) == pytest.approx(1 - 0.01)


@every_optimizer
def test_builds_what_its_fields_say(kind):
    builder = replace(kind(), learning_rate=0.25, momentum=0.5, weight_decay=0.125)
    assert isinstance(builder, OptimizerBuilder)
    (group,) = builder.build([{"params": [nn.Parameter(torch.zeros(1))]}]).param_groups
    assert group["lr"] == 0.25
    assert group["weight_decay"] == 0.125
    assert (group["betas"][0] if "betas" in group else group["momentum"]) == 0.5


@every_optimizer
def test_a_groups_own_settings_win(kind):
    parameters = [{"params": [nn.Parameter(torch.zeros(1))], "weight_decay": 0.0}, {"params": []}]
    own, other = replace(kind(), weight_decay=0.5).build(parameters).param_groups
    assert own["weight_decay"] == 0.0
    assert other["weight_decay"] == 0.5


@every_optimizer
def test_momentum_is_set_under_the_optimisers_own_name(kind):
    (group,) = kind().build([{"params": [nn.Parameter(torch.zeros(1))]}]).param_groups
    names = set(group)
    set_momentum(group, 0.75)
    assert set(group) == names, "a name of its own would be read by nobody"
    if kind is SGD:
        assert group["momentum"] == 0.75
    else:
        assert group["betas"] == (0.75, 0.999)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("value", [-1.0, math.nan, math.inf])
def test_settings_that_no_training_survives_are_refused(optimizer, value: float):
    with pytest.raises(ValueError, match=f"learning_rate must be finite and at least 0, got {value}"):
        optimizer(learning_rate=value)
    with pytest.raises(ValueError, match=r"momentum must be in \[0, 1\), got 1.0; the usual value is 0.9"):
        optimizer(momentum=1.0)
