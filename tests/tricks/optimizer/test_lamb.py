import pytest
import torch
from optimizer_steps import example, walk, walk_by_hand

from assay.tricks.optimizer.adamw import UseAdamW
from assay.tricks.optimizer.lamb import LAMB, layer_trust


def lamb(weight, gradient, state, t, *, rate, momentum, second, decay):
    state["mean"] = momentum * state.get("mean", 0.0) + (1 - momentum) * gradient
    state["square"] = second * state.get("square", 0.0) + (1 - second) * gradient**2
    step = state["mean"] / (1 - momentum**t) / ((state["square"] / (1 - second**t)).sqrt() + 1e-6) + decay * weight
    return weight - rate * weight.norm() / step.norm() * step


def test_by_hand():
    assert layer_trust(torch.tensor([3.0, 4.0]), torch.tensor([6.0, 8.0])).item() == pytest.approx(0.5)
    assert layer_trust(torch.zeros(2), torch.ones(2)).item() == 1.0
    assert layer_trust(torch.ones(2), torch.zeros(2)).item() == 1.0


def test_agrees_with_a_loop():
    start, gradients = example(3, 2)
    found = walk(LAMB(0.1, 0.8, 0.95, weight_decay=0.3), start, gradients)
    expected = walk_by_hand(lamb, start, gradients, rate=0.1, momentum=0.8, second=0.95, decay=0.3)
    torch.testing.assert_close(found, expected)


def test_a_layer_moves_by_the_learning_rates_share_of_its_norm():
    start, gradients = example(4, 3, steps=1)
    moved = walk(LAMB(0.01), start, gradients) - start
    assert moved.norm().item() == pytest.approx(0.01 * start.norm().item(), rel=1e-5)


def test_vectors_take_adams_step():
    start, gradients = example(5)
    found = walk(LAMB(0.1, weight_decay=0.0), start, gradients)
    # The two add another epsilon to the root.
    torch.testing.assert_close(found, walk(UseAdamW(0.1, weight_decay=0.0), start, gradients), rtol=1e-4, atol=1e-5)


def test_bad_values_are_refused():
    with pytest.raises(
        ValueError, match=r"weight_decay must be finite and at least 0, got -1.0; the usual value is 0.01"
    ):
        LAMB(weight_decay=-1.0)
