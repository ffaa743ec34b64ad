import torch
from torch import nn

from assay.models.memory_format import store_channels_last


def test_layout_changes_and_values_do_not():
    model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Flatten())
    before = model[0].weight.detach().clone()
    store_channels_last(model)
    assert model[0].weight.is_contiguous(memory_format=torch.channels_last)
    assert torch.equal(model[0].weight, before)


def test_outputs_follow_the_weights_layout():
    model = nn.Conv2d(3, 8, 3)
    store_channels_last(model)
    outputs = model(torch.zeros(2, 3, 9, 9))
    assert outputs.is_contiguous(memory_format=torch.channels_last)
    assert not outputs.is_contiguous()


def test_loading_weights_keeps_the_layout():
    model, other = nn.Conv2d(3, 8, 3), nn.Conv2d(3, 8, 3)
    store_channels_last(model)
    model.load_state_dict(other.state_dict())
    assert model.weight.is_contiguous(memory_format=torch.channels_last)
    assert torch.equal(model.weight, other.weight)
