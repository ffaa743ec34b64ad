import math

import pytest
import torch
from optimizer_steps import example, walk, walk_by_hand

from assay.tricks.optimizer.adagrad import Adagrad


def adagrad(weight, gradient, state, t, *, rate, decay):
    slope = gradient + decay * weight
    state["sum"] = state.get("sum", 0.0) + slope**2
    return weight - rate * slope / (state["sum"].sqrt() + 1e-10)


def test_agrees_with_a_loop():
    start, gradients = example(3, 2)
    expected = walk_by_hand(adagrad, start, gradients, rate=0.1, decay=0.3)
    torch.testing.assert_close(walk(Adagrad(0.1, weight_decay=0.3), start, gradients), expected)


def test_steps_of_a_steady_gradient_shrink_like_one_over_the_root_of_their_number():
    found = walk(Adagrad(0.1), torch.tensor([0.0]), [torch.tensor([7.0])] * 9)
    assert found.item() == pytest.approx(-0.1 * sum(1 / math.sqrt(t) for t in range(1, 10)))


def test_bad_values_are_refused():
    with pytest.raises(ValueError, match="learning_rate must be finite and at least 0, got nan"):
        Adagrad(math.nan)
