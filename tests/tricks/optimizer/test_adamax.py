import pytest
import torch
from optimizer_steps import example, walk, walk_by_hand

from assay.tricks.optimizer.adamax import Adamax


def adamax(weight, gradient, state, t, *, rate, momentum, second, decay):
    slope = gradient + decay * weight
    state["mean"] = momentum * state.get("mean", 0.0) + (1 - momentum) * slope
    state["largest"] = torch.maximum(second * state.get("largest", torch.zeros_like(weight)), slope.abs() + 1e-8)
    return weight - rate / (1 - momentum**t) * state["mean"] / state["largest"]


def test_agrees_with_a_loop():
    start, gradients = example(3, 2)
    found = walk(Adamax(0.1, 0.8, 0.95, weight_decay=0.3), start, gradients)
    expected = walk_by_hand(adamax, start, gradients, rate=0.1, momentum=0.8, second=0.95, decay=0.3)
    torch.testing.assert_close(found, expected)


def test_bad_values_are_refused():
    with pytest.raises(ValueError, match=r"learning_rate must be finite and at least 0, got -1.0"):
        Adamax(-1.0)
