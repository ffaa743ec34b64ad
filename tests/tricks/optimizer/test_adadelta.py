import pytest
import torch
from optimizer_steps import example, walk, walk_by_hand

from assay.tricks.optimizer.adadelta import Adadelta


def adadelta(weight, gradient, state, t, *, rate, smoothing, decay):
    slope = gradient + decay * weight
    state["square"] = smoothing * state.get("square", 0.0) + (1 - smoothing) * slope**2
    moved = state.get("moved", torch.zeros_like(weight))
    delta = slope * (moved + 1e-6).sqrt() / (state["square"] + 1e-6).sqrt()
    state["moved"] = smoothing * moved + (1 - smoothing) * delta**2
    return weight - rate * delta


def test_agrees_with_a_loop():
    start, gradients = example(3, 2)
    expected = walk_by_hand(adadelta, start, gradients, rate=0.5, smoothing=0.8, decay=0.3)
    torch.testing.assert_close(walk(Adadelta(0.5, smoothing=0.8, weight_decay=0.3), start, gradients), expected)


def test_the_first_step_has_one_length_whatever_the_gradient():
    found = walk(Adadelta(), torch.zeros(2), [torch.tensor([5.0, -5000.0])])
    torch.testing.assert_close(found, torch.tensor([-1e-3, 1e-3]).double() / 0.1**0.5, rtol=1e-5, atol=0)


def test_bad_values_are_refused():
    with pytest.raises(ValueError, match=r"smoothing must be in \[0, 1\), got -0.1; the usual value is 0.9"):
        Adadelta(smoothing=-0.1)
