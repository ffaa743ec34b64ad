import pytest
import torch
from torch import nn

from assay.models.convnet import ConvNet
from assay.models.input_layers import PreparedNetwork, inputs_of, prepare_inputs, prepare_raw_inputs


class Add(nn.Module):
    def __init__(self, value):
        super().__init__()
        self.value = value

    def forward(self, inputs):
        return inputs + self.value


class Fail(nn.Module):
    def forward(self, inputs):
        raise RuntimeError("not today")


def test_layers_act_in_the_order_in_which_they_came():
    model = prepare_inputs(prepare_inputs(nn.Identity(), Add(1.0)), nn.ReLU())
    assert isinstance(model, PreparedNetwork)
    assert isinstance(model.model, nn.Identity)
    assert model(torch.tensor([-3.0, 2.0])).tolist() == [0.0, 3.0]


def test_the_first_layer_gets_raw_values_and_later_ones_what_the_first_leaves(tiny_images):
    specification = tiny_images.specification
    raw = tiny_images.train.inputs.float()
    standardised = specification.normalization(raw)
    model = prepare_raw_inputs(nn.Identity(), Add(0.0), specification)
    torch.testing.assert_close(model(standardised), raw, atol=1e-4, rtol=1e-5)
    assert len(prepare_raw_inputs(model, Add(1.0), specification).prepare) == 3
    torch.testing.assert_close(model(standardised), raw + 1.0, atol=1e-4, rtol=1e-5)


def test_what_reaches_a_layer_is_seen_without_a_trace(tiny_images):
    network = ConvNet((4,)).build((1, 8, 8), 4).train()
    model, inputs = prepare_inputs(network, Add(1.0), second := Add(2.0)), torch.randn(3, 1, 8, 8)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    assert torch.equal(inputs_of(second, model, inputs), inputs + 1.0)
    assert model.training
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    failing = nn.Sequential(layer := Add(1.0), Fail())
    with pytest.raises(RuntimeError, match="not today"):
        inputs_of(layer, failing, inputs)
    assert failing.training
    assert not layer._forward_pre_hooks
