import pytest
import torch
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

from assay.models.weight_layers import draw_weights, fanned_weights, fans, hidden_biases, weight_edit


def number(weight):
    nn.init.constant_(weight.values, 100 * weight.fan_in + weight.fan_out)


@pytest.mark.parametrize("layer", [nn.Linear(3, 5), nn.Conv2d(3, 8, 3), nn.Conv1d(3, 8, 5)])
def test_fans_are_pytorchs_without_groups(layer):
    assert fans(layer) == nn.init._calculate_fan_in_and_fan_out(layer.weight)


def test_fans_by_hand():
    assert fans(nn.Conv2d(6, 4, 3, groups=2)) == (27, 18)
    assert fans(nn.ConvTranspose2d(6, 4, 2)) == (24, 16)


def test_recurrent_layers_give_the_gates_of_their_inputs():
    weights = list(fanned_weights(nn.LSTM(3, 5, 2)))
    assert [(weight.fan_in, weight.fan_out) for weight in weights] == [(3, 5)] * 4 + [(5, 5)] * 4


def test_drawing_reaches_the_parameters_and_only_weights():
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(2, 3), nn.LSTM(3, 5))
    before = {name: value.clone() for name, value in model.state_dict().items()}
    assert draw_weights(model, number) == 6
    changed = {name for name, value in model.state_dict().items() if not torch.equal(value, before[name])}
    assert changed == {"0.weight", "3.weight", "4.weight_ih_l0"}
    assert model[3].weight.unique().tolist() == [203.0]
    assert model[4].weight_ih_l0.unique().tolist() == [305.0]


def test_a_tied_weight_is_drawn_once_and_one_behind_a_parametrisation_is_reached(tiny_images):
    tied = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    tied[1].weight = tied[0].weight
    assert draw_weights(tied, number) == 1
    normed = spectral_norm(nn.Linear(2, 2))
    assert weight_edit(number)(normed, tiny_images.specification) is normed
    assert normed.parametrizations.weight.original.unique().tolist() == [202.0]


def test_a_model_without_weights_is_refused():
    with pytest.raises(ValueError, match="must have linear, convolutional or recurrent layers, got ReLU"):
        draw_weights(nn.ReLU(), number)


def test_hidden_biases_are_all_but_the_last_layers():
    model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.Linear(3, 3, bias=False), nn.Linear(3, 2))
    assert [id(bias) for bias in hidden_biases(model)] == [id(model[0].bias)]
    with pytest.raises(ValueError, match="must have hidden layers with a bias, got Linear without any"):
        hidden_biases(nn.Linear(2, 2))
