import io

import pytest
import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from assay.models.resnet import ResNet
from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.average.ema import EMA, average_weights, decay_at


def at(step: int) -> Clock:
    return Clock(step, 100, 10)


def change_weights(model, seed):
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn(parameter.shape, generator=generator))
        for buffer in model.buffers():
            if buffer.is_floating_point():
                buffer.add_(torch.rand(buffer.shape, generator=generator))
            else:
                buffer.add_(1)


def test_by_hand():
    averages, weights = [torch.tensor([1.0]), torch.tensor([0.0])], [torch.tensor([2.0]), torch.tensor([8.0])]
    average_weights(averages, weights, decay=0.75)
    assert [average.item() for average in averages] == [1.25, 2.0]


def test_warm_up_by_hand():
    assert decay_at(0, decay=0.999, warmup=True) == 0.1
    assert decay_at(90, decay=0.999, warmup=True) == 0.91
    # (1 + t) / (10 + t) reaches 0.999 at t = 8,990.
    assert decay_at(8_989, decay=0.999, warmup=True) < 0.999
    assert decay_at(8_990, decay=0.999, warmup=True) == 0.999
    assert decay_at(10**6, decay=0.999, warmup=True) == 0.999
    assert decay_at(0, decay=0.999, warmup=False) == 0.999


@pytest.mark.parametrize("decay", [0.5, 0.9, 0.999])
def test_agrees_with_torchs_averaged_model(decay):
    model = ResNet(8, 4).build((1, 8, 8), 2)
    theirs = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(decay))
    theirs.update_parameters(model)  # its first update copies, as our start does
    ours = EMA(decay, warmup=False)
    state = ours.start(model)
    for step in range(10):
        change_weights(model, step)
        theirs.update_parameters(model)
        state = ours.update(state, model, at(step))
    expected = theirs.module.state_dict()
    parameters = dict(model.named_parameters())
    assert set(state) == set(expected)
    assert all(torch.allclose(state[name], expected[name]) for name in parameters)


def test_buffers_are_copied_whatever_their_type():
    model = nn.BatchNorm1d(3)
    ema = EMA(0.9)
    state = ema.start(model)
    change_weights(model, 0)
    ema.update(state, model, at(0))
    assert torch.equal(state["running_mean"], model.running_mean)
    assert state["num_batches_tracked"].item() == 1
    assert not torch.equal(state["weight"], model.weight)


def test_decay_zero_is_the_weights_themselves():
    model = ResNet(8, 4).build((1, 8, 8), 2)
    ema = EMA(0.0)
    state = ema.start(model)
    for step in range(3):
        change_weights(model, step)
        state = ema.update(state, model, at(step))
        assert all(torch.equal(state[name], value) for name, value in model.state_dict().items())


@pytest.mark.parametrize("warmup", [False, True])
def test_weights_that_do_not_move_are_their_own_average(warmup):
    model = nn.Linear(3, 2)
    ema = EMA(0.99, warmup)
    state = ema.start(model)
    for step in range(5):
        state = ema.update(state, model, at(step))
    assert all(torch.equal(state[name], value) for name, value in model.state_dict().items())


def test_the_state_shares_no_memory_with_the_model_nor_a_loaded_model_with_the_state():
    model, other = nn.Linear(3, 2), nn.Linear(3, 2)
    ema = EMA()
    state = ema.start(model)
    before = {name: value.clone() for name, value in state.items()}
    change_weights(model, 0)
    assert ema.build(state, lambda: other, list) is other
    change_weights(other, 1)
    assert all(torch.equal(state[name], before[name]) for name in state)


def test_updating_leaves_the_model_and_its_gradients_alone():
    model = nn.Linear(3, 2)
    model(torch.ones(1, 3)).sum().backward()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    ema = EMA()
    state = ema.update(ema.start(model), model, at(0))
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert not any(value.requires_grad for value in state.values())
    assert torch.equal(model.bias.grad, torch.ones(2))


def test_tied_weights_and_buffers_left_out_of_the_state_work():
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    model[1].weight = model[0].weight
    model.register_buffer("scratch", torch.zeros(1), persistent=False)
    ema = EMA(0.5, warmup=False)
    state = ema.start(model)
    assert "scratch" not in state
    first = state["0.weight"].clone()
    change_weights(model, 0)
    ema.update(state, model, at(0))
    assert torch.allclose(state["0.weight"], (first + model[0].weight) / 2)
    assert torch.equal(state["0.weight"], state["1.weight"])
    assert ema.build(state, lambda: model, list) is model


def test_a_checkpoint_of_the_state_continues_bit_for_bit():
    model = ResNet(8, 4).build((1, 8, 8), 2)
    ema = EMA()
    state = ema.start(model)
    change_weights(model, 0)
    state = ema.update(state, model, at(0))
    file = io.BytesIO()
    torch.save(state, file)
    file.seek(0)
    again = torch.load(file, weights_only=True)
    change_weights(model, 1)
    state, again = ema.update(state, model, at(1)), ema.update(again, model, at(1))
    assert all(torch.equal(state[name], again[name]) for name in state)


def test_the_trick_fills_the_slot_with_itself():
    assert (Recipe() | EMA(0.9, warmup=False)).average == EMA(0.9, warmup=False)
    assert Recipe().average is None


@pytest.mark.parametrize("decay", [-0.1, 1.0, float("nan")])
def test_bad_decays_are_refused(decay):
    with pytest.raises(ValueError, match=r"decay must be in \[0, 1\), got .*; the usual value is 0.999"):
        EMA(decay)
