import pytest
import torch
from optimizer_steps import example, walk, walk_by_hand

from assay.optimizers import Adam
from assay.tricks.optimizer.adam import UseAdam


def adam(weight, gradient, state, t, *, rate, momentum, second, decay):
    slope = gradient + decay * weight
    state["mean"] = momentum * state.get("mean", 0.0) + (1 - momentum) * slope
    state["square"] = second * state.get("square", 0.0) + (1 - second) * slope**2
    return weight - rate * state["mean"] / (1 - momentum**t) / ((state["square"] / (1 - second**t)).sqrt() + 1e-8)


def test_agrees_with_a_loop():
    start, gradients = example(3, 2)
    found = walk(UseAdam(0.1, 0.8, 0.95, weight_decay=0.3), start, gradients)
    expected = walk_by_hand(adam, start, gradients, rate=0.1, momentum=0.8, second=0.95, decay=0.3)
    torch.testing.assert_close(found, expected)


def test_it_is_the_builder_of_the_same_name():
    start, gradients = example(4)
    assert torch.equal(walk(UseAdam(), start, gradients), walk(Adam(), start, gradients))


def test_bad_values_are_refused():
    with pytest.raises(ValueError, match=r"second_moment must be in \[0, 1\), got 2.0; the usual value is 0.999"):
        UseAdam(second_moment=2.0)
