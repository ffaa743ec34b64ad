import pytest
import torch
from optimizer_steps import example, walk, walk_by_hand

from assay.tricks.optimizer.lion import Lion


def lion(weight, gradient, state, t, *, rate, momentum, memory, decay):
    mean = state.get("mean", torch.zeros_like(weight))
    state["mean"] = memory * mean + (1 - memory) * gradient
    return (1 - rate * decay) * weight - rate * (momentum * mean + (1 - momentum) * gradient).sign()


def test_agrees_with_a_loop():
    start, gradients = example(3, 2)
    found = walk(Lion(0.1, 0.8, 0.95, weight_decay=0.3), start, gradients)
    expected = walk_by_hand(lion, start, gradients, rate=0.1, momentum=0.8, memory=0.95, decay=0.3)
    torch.testing.assert_close(found, expected)


def test_every_weight_moves_by_exactly_the_learning_rate():
    start, gradients = example(50, steps=1)
    moved = walk(Lion(0.25, weight_decay=0.0), start, gradients) - start
    torch.testing.assert_close(moved.abs(), torch.full((50,), 0.25).double())


def test_bad_values_are_refused():
    with pytest.raises(ValueError, match=r"memory must be in \[0, 1\), got 1.5; the usual value is 0.99"):
        Lion(memory=1.5)
