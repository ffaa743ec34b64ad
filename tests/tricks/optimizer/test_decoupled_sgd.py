import pytest
import torch
from optimizer_steps import example, walk, walk_by_hand

from assay.tricks.optimizer.decoupled_sgd import DecoupledSGD
from assay.tricks.optimizer.heavy_ball import HeavyBall
from assay.tricks.optimizer.nesterov import Nesterov


def sgdw(weight, gradient, state, t, *, rate, momentum, decay, nesterov):
    state["velocity"] = momentum * state.get("velocity", 0.0) + gradient
    step = gradient + momentum * state["velocity"] if nesterov else state["velocity"]
    return (1 - rate * decay) * weight - rate * step


@pytest.mark.parametrize("nesterov", [False, True])
def test_agrees_with_a_loop(nesterov: bool):
    start, gradients = example(3, 2)
    found = walk(DecoupledSGD(0.1, 0.8, weight_decay=0.3, nesterov=nesterov), start, gradients)
    settings = {"rate": 0.1, "momentum": 0.8, "decay": 0.3, "nesterov": nesterov}
    torch.testing.assert_close(found, walk_by_hand(sgdw, start, gradients, **settings))


@pytest.mark.parametrize(("ours", "torchs"), [(False, HeavyBall(0.1)), (True, Nesterov(0.1))])
def test_without_decay_it_is_torchs_sgd(ours: bool, torchs: HeavyBall | Nesterov):
    start, gradients = example(3, 2)
    found = walk(DecoupledSGD(0.1, weight_decay=0.0, nesterov=ours), start, gradients)
    torch.testing.assert_close(found, walk(torchs, start, gradients))


def test_decay_does_not_pass_through_the_velocity():
    start, nothing = torch.tensor([1.0]), [torch.tensor([0.0])] * 3
    found = walk(DecoupledSGD(0.1, 0.9, weight_decay=0.5), start, nothing)
    assert found.item() == pytest.approx(0.95**3)


def test_parameters_without_a_gradient_stay():
    weight = torch.nn.Parameter(torch.ones(2))
    DecoupledSGD().build([{"params": [weight]}]).step()
    assert torch.equal(weight, torch.ones(2))


def test_bad_values_are_refused():
    with pytest.raises(ValueError, match=r"momentum must be in \[0, 1\), got 1.1; the usual value is 0.9"):
        DecoupledSGD(momentum=1.1)
