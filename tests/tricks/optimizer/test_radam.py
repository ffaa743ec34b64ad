import math

import pytest
import torch
from optimizer_steps import example, walk, walk_by_hand

from assay.tricks.optimizer.radam import RAdam


def radam(weight, gradient, state, t, *, rate, momentum, second, decay):
    slope = gradient + decay * weight
    state["mean"] = momentum * state.get("mean", 0.0) + (1 - momentum) * slope
    state["square"] = second * state.get("square", 0.0) + (1 - second) * slope**2
    mean = state["mean"] / (1 - momentum**t)
    longest = 2 / (1 - second) - 1
    length = longest - 2 * t * second**t / (1 - second**t)
    if length <= 5:
        return weight - rate * mean
    trusted = (length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length)
    return weight - rate * math.sqrt(trusted) * mean * math.sqrt(1 - second**t) / (state["square"].sqrt() + 1e-8)


def test_agrees_with_a_loop():
    start, gradients = example(3, 2, steps=9)
    found = walk(RAdam(0.1, 0.8, 0.999, weight_decay=0.3), start, gradients)
    torch.testing.assert_close(
        found, walk_by_hand(radam, start, gradients, rate=0.1, momentum=0.8, second=0.999, decay=0.3)
    )


def test_its_first_steps_are_plain_momentum():
    """So their length is that of the gradient, which Adam's is not."""
    found = walk(RAdam(0.1), torch.zeros(1), [torch.tensor([50.0])])
    assert found.item() == pytest.approx(-5.0)


def test_bad_values_are_refused():
    with pytest.raises(ValueError, match=r"second_moment must be in \[0, 1\), got 1.1; the usual value is 0.999"):
        RAdam(second_moment=1.1)
