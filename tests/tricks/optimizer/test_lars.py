import pytest
import torch
from optimizer_steps import example, walk, walk_by_hand

from assay.tricks.optimizer.heavy_ball import HeavyBall
from assay.tricks.optimizer.lars import LARS, trust_ratio


def lars(weight, gradient, state, t, *, rate, momentum, decay, coefficient):
    trust = coefficient * weight.norm() / (gradient.norm() + decay * weight.norm())
    state["velocity"] = momentum * state.get("velocity", 0.0) + rate * trust * (gradient + decay * weight)
    return weight - state["velocity"]


def test_by_hand():
    # Norms 5 and 10: 0.1 * 5 / (10 + 0.2 * 5).
    ratio = trust_ratio(torch.tensor([3.0, 4.0]), torch.tensor([6.0, 8.0]), coefficient=0.1, weight_decay=0.2)
    assert ratio.item() == pytest.approx(0.5 / 11)


def test_agrees_with_a_loop():
    start, gradients = example(3, 2)
    found = walk(LARS(2.0, 0.8, weight_decay=0.3, coefficient=0.05), start, gradients)
    expected = walk_by_hand(lars, start, gradients, rate=2.0, momentum=0.8, decay=0.3, coefficient=0.05)
    torch.testing.assert_close(found, expected)


def test_a_step_does_not_depend_on_the_gradients_size():
    start, gradients = example(3, 2)
    large = [1000.0 * gradient for gradient in gradients]
    torch.testing.assert_close(
        walk(LARS(weight_decay=0.0), start, gradients), walk(LARS(weight_decay=0.0), start, large)
    )


def test_vectors_follow_plain_momentum_and_so_do_weights_at_zero():
    start, gradients = example(5)
    found = walk(LARS(0.1, weight_decay=0.3), start, gradients)
    torch.testing.assert_close(found, walk(HeavyBall(0.1, weight_decay=0.3), start, gradients))
    nowhere, gradients = example(2, 2, steps=1)
    found = walk(LARS(0.1), torch.zeros_like(nowhere), gradients)
    torch.testing.assert_close(found, -0.1 * gradients[0].double())


def test_bad_values_are_refused():
    with pytest.raises(
        ValueError, match=r"coefficient must be finite and at least 0, got -1.0; the usual value is 0.00"
    ):
        LARS(coefficient=-1.0)
