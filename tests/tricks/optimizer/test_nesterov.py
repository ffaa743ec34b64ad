import pytest
import torch
from optimizer_steps import example, walk, walk_by_hand

from assay.tricks.optimizer.nesterov import Nesterov


def nesterov(weight, gradient, state, number, *, rate, momentum, decay):
    slope = gradient + decay * weight
    state["velocity"] = momentum * state.get("velocity", 0.0) + slope
    return weight - rate * (slope + momentum * state["velocity"])


def test_agrees_with_a_loop():
    start, gradients = example(3, 2)
    found = walk(Nesterov(0.1, momentum=0.8, weight_decay=0.3), start, gradients)
    torch.testing.assert_close(found, walk_by_hand(nesterov, start, gradients, rate=0.1, momentum=0.8, decay=0.3))


def test_bad_values_are_refused():
    with pytest.raises(ValueError, match=r"momentum must be in \[0, 1\), got -0.5; the usual value is 0.9"):
        Nesterov(momentum=-0.5)
