import pytest
import torch
from optimizer_steps import example, walk, walk_by_hand

from assay.tricks.optimizer.rmsprop import RMSProp


def rmsprop(weight, gradient, state, t, *, rate, momentum, smoothing, decay):
    slope = gradient + decay * weight
    state["square"] = smoothing * state.get("square", 0.0) + (1 - smoothing) * slope**2
    state["velocity"] = momentum * state.get("velocity", 0.0) + slope / (state["square"].sqrt() + 1e-8)
    return weight - rate * state["velocity"]


@pytest.mark.parametrize("momentum", [0.0, 0.8])
def test_agrees_with_a_loop(momentum: float):
    start, gradients = example(3, 2)
    found = walk(RMSProp(0.1, momentum=momentum, smoothing=0.9, weight_decay=0.3), start, gradients)
    expected = walk_by_hand(rmsprop, start, gradients, rate=0.1, momentum=momentum, smoothing=0.9, decay=0.3)
    torch.testing.assert_close(found, expected)


def test_the_first_step_is_too_long_by_the_root_of_what_smoothing_leaves_out():
    found = walk(RMSProp(0.01, smoothing=0.99), torch.tensor([0.0]), [torch.tensor([123.0])])
    assert found.item() == pytest.approx(-0.01 * 10)


def test_bad_values_are_refused():
    with pytest.raises(ValueError, match=r"smoothing must be in \[0, 1\), got 1.1; the usual value is 0.99"):
        RMSProp(smoothing=1.1)
