import pytest
import torch
from optimizer_steps import example, walk, walk_by_hand

from assay.recipe import Recipe
from assay.tricks.optimizer.adafactor import Adafactor


def adafactor(weight, gradient, state, t, *, rate, decay):
    old = 1 - t**-0.8
    for name, axis in (("row", 1), ("column", 0)):
        state[name] = old * state.get(name, 0.0) + (1 - old) * (gradient**2).mean(axis, keepdim=True)
    step = gradient / (state["row"] @ state["column"] / state["row"].mean()).sqrt()
    step = step / max(1.0, step.square().mean().sqrt().item())
    length = min(rate, t**-0.5) * max(1e-3, weight.square().mean().sqrt().item())
    return weight * (1 - rate * decay) - length * step


def test_agrees_with_a_loop():
    start, gradients = example(3, 4)
    expected = walk_by_hand(adafactor, start, gradients, rate=0.1, decay=0.3)
    torch.testing.assert_close(walk(Adafactor(0.1, weight_decay=0.3), start, gradients), expected)


def test_its_state_of_a_matrix_is_a_row_and_a_column():
    weight = torch.nn.Parameter(torch.ones(30, 40))
    optimizer = Adafactor().build([{"params": [weight]}])
    weight.grad = torch.ones(30, 40)
    optimizer.step()
    assert sum(value.numel() for value in optimizer.state[weight].values() if value is not None) == 30 + 40 + 1


def test_bad_values_are_refused(monkeypatch):
    with pytest.raises(ValueError, match=r"weight_decay must be finite and at least 0, got -1.0"):
        Adafactor(weight_decay=-1.0)
    monkeypatch.delattr(torch.optim, "Adafactor")
    with pytest.raises(ValueError, match=r"Adafactor needs PyTorch 2.5 or later"):
        Recipe() | Adafactor()
