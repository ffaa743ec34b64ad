import pytest
import torch
from optimizer_steps import example, walk, walk_by_hand

from assay.tricks.optimizer.nadam import NAdam


def nadam(weight, gradient, state, t, *, rate, momentum, second, decay, decoupled):
    slope = gradient if decoupled else gradient + decay * weight
    weight = weight * (1 - rate * decay) if decoupled else weight
    now, ahead = (momentum * (1 - 0.5 * 0.96 ** (n * 0.004)) for n in (t, t + 1))
    product = state["product"] = state.get("product", 1.0) * now
    state["mean"] = momentum * state.get("mean", 0.0) + (1 - momentum) * slope
    state["square"] = second * state.get("square", 0.0) + (1 - second) * slope**2
    step = (1 - now) * slope / (1 - product) + ahead * state["mean"] / (1 - product * ahead)
    return weight - rate * step / ((state["square"] / (1 - second**t)).sqrt() + 1e-8)


@pytest.mark.parametrize("decoupled", [False, True])
def test_agrees_with_a_loop(decoupled: bool):
    start, gradients = example(3, 2)
    found = walk(NAdam(0.1, 0.8, 0.95, weight_decay=0.3, decoupled=decoupled), start, gradients)
    settings = {"rate": 0.1, "momentum": 0.8, "second": 0.95, "decay": 0.3, "decoupled": decoupled}
    expected = walk_by_hand(nadam, start, gradients, **settings)
    # PyTorch keeps the product of momenta in float32.
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-6)


def test_bad_values_are_refused():
    with pytest.raises(ValueError, match=r"momentum must be in \[0, 1\), got 1.1; the usual value is 0.9"):
        NAdam(momentum=1.1)
