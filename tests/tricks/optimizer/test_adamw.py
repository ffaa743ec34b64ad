import pytest
import torch
from optimizer_steps import example, walk, walk_by_hand

from assay.optimizers import AdamW
from assay.tricks.optimizer.adamw import UseAdamW


def adamw(weight, gradient, state, t, *, rate, momentum, second, decay):
    state["mean"] = momentum * state.get("mean", 0.0) + (1 - momentum) * gradient
    state["square"] = second * state.get("square", 0.0) + (1 - second) * gradient**2
    step = state["mean"] / (1 - momentum**t) / ((state["square"] / (1 - second**t)).sqrt() + 1e-8)
    return weight * (1 - rate * decay) - rate * step


def test_agrees_with_a_loop():
    start, gradients = example(3, 2)
    found = walk(UseAdamW(0.1, 0.8, 0.95, weight_decay=0.3), start, gradients)
    expected = walk_by_hand(adamw, start, gradients, rate=0.1, momentum=0.8, second=0.95, decay=0.3)
    torch.testing.assert_close(found, expected)


def test_it_is_the_builder_of_the_same_name():
    start, gradients = example(4)
    assert torch.equal(walk(UseAdamW(), start, gradients), walk(AdamW(), start, gradients))


def test_bad_values_are_refused():
    with pytest.raises(ValueError, match=r"weight_decay must be finite and at least 0, got -1.0; the usual value"):
        UseAdamW(weight_decay=-1.0)
