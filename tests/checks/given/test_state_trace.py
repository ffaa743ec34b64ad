import random

import numpy as np
import pytest
import torch
from torch import nn

from assay.checks.given.state_trace import state_trace


def trained_model() -> tuple[nn.Module, torch.optim.Optimizer]:
    model = nn.Sequential(nn.Linear(3, 3), nn.BatchNorm1d(3))
    optimizer = torch.optim.Adam(model.parameters())
    model(torch.ones(2, 3)).sum().backward()
    optimizer.step()
    return model, optimizer


def vandalise(model: nn.Module, optimizer: torch.optim.Optimizer) -> None:
    """Everything a check could do wrong to the originals."""
    model.train(False)
    model(torch.randn(4, 3)).square().sum().backward()
    optimizer.step()
    optimizer.param_groups[0]["lr"] = 77.0
    optimizer.param_groups.append({"params": []})
    model[0].register_forward_hook(lambda *_: None)
    model[0].weight.requires_grad_(False)
    model[0].weight.data = torch.zeros(5, 5)
    model[1].running_mean = torch.ones(3)
    model[0].extra = nn.Linear(2, 2)
    optimizer.zero_grad()
    torch.manual_seed(9)
    np.random.seed(9)
    random.seed(9)


@pytest.mark.parametrize("error", [None, ValueError, KeyboardInterrupt])
def test_everything_is_put_back_in_place(error):
    model, optimizer = trained_model()
    weight, grad = model[0].weight, model[0].weight.grad
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    moments = {key: value.clone() for key, value in optimizer.state[weight].items()}
    randomness = torch.get_rng_state(), np.random.get_state()[1].copy(), random.getstate()
    expected = pytest.raises(error) if error else state_trace((), (), ())
    with expected, state_trace((model, optimizer), (), ()):
        vandalise(model, optimizer)
        if error:
            raise error
    assert model.training
    assert model[0].weight is weight
    assert weight.grad is grad
    assert weight.requires_grad
    assert not model[0]._forward_hooks
    assert set(model.state_dict()) == set(before)
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    assert len(optimizer.param_groups) == 1
    assert optimizer.param_groups[0]["lr"] == 1e-3
    assert all(torch.equal(value, moments[key]) for key, value in optimizer.state[weight].items())
    assert torch.equal(torch.get_rng_state(), randomness[0])
    assert np.array_equal(np.random.get_state()[1], randomness[1])
    if error is None:  # the type checker that watches this test draws from it on an error
        assert random.getstate() == randomness[2]


def test_gradient_changed_in_place_is_put_back():
    model, optimizer = trained_model()
    before = model[0].weight.grad.clone()
    with state_trace((model, optimizer), (), ()):
        model[0].weight.grad.mul_(3)
    assert torch.equal(model[0].weight.grad, before)


def test_closures_generators_and_counters_are_put_back():
    average, counter, noise = nn.Linear(2, 2), {"steps": 3}, np.random.default_rng(0)
    weight, state = average.weight.detach().clone(), noise.bit_generator.state

    def step() -> None:
        average.weight.data.add_(noise.normal())
        counter["steps"] += 1

    with state_trace((), (step,), ()):
        step()
        assert counter["steps"] == 4
    assert torch.equal(average.weight, weight)
    assert counter == {"steps": 3}
    assert noise.bit_generator.state == state


def test_data_behind_a_loader_are_not_copied():
    data = torch.zeros(10)
    loader = type("Loader", (), {})()
    loader.data, loader.epoch = data, 4
    with state_trace((), (), (loader,)):
        data.add_(1)
        loader.epoch = 5
    assert loader.epoch == 4
    assert torch.equal(data, torch.ones(10))


passes = 3


def test_counters_bound_anew_are_put_back():
    calls = 5

    def step() -> None:
        global passes
        nonlocal calls
        calls, passes = calls + 1, passes + 1

    with state_trace((), (step,), ()):
        step()
        assert (calls, passes) == (6, 4)
    assert (calls, passes) == (5, 3)
