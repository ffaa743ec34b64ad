import pytest
import torch
from torch import nn

from assay.models.activations import (
    NoisyRectifier,
    RandomizedRectifier,
    SwishLayer,
    find_activations,
    swap_activation,
)
from assay.models.mlp import MLP
from assay.models.resnet import ResNet
from assay.randomness import scoped_seed


class Twice(nn.Module):
    """One activation under two names, beside a gate."""

    def __init__(self):
        super().__init__()
        self.first = nn.ReLU()
        self.second = self.first
        self.gate = nn.Sigmoid()

    def forward(self, inputs):
        return self.second(self.first(inputs)) * self.gate(inputs)


@pytest.mark.parametrize(("model", "count"), [(MLP((8, 8)), 2), (ResNet(8, 4), 7)])
def test_all_are_replaced_and_nothing_else(model, count):
    network = model.build((1, 8, 8), 2)
    before = list(network.state_dict())
    assert len(find_activations(network)) == count
    assert swap_activation(network, nn.Mish) is network
    assert not any(isinstance(module, nn.ReLU) for module in network.modules())
    assert [type(activation) for *_, activation in find_activations(network)] == [nn.Mish] * count
    assert list(network.state_dict()) == before
    assert network(torch.zeros(2, 1, 8, 8)).shape == (2, 2)


def test_each_place_gets_its_own_but_one_shared_by_two_stays_one():
    network = swap_activation(nn.Sequential(nn.ReLU(), nn.ReLU()), nn.PReLU)
    assert network[0] is not network[1]
    shared = swap_activation(Twice(), nn.PReLU)
    assert isinstance(shared.first, nn.PReLU)
    assert shared.first is shared.second
    assert isinstance(shared.gate, nn.Sigmoid)


def test_a_model_that_is_an_activation_and_kinds_of_ones_own():
    assert isinstance(swap_activation(nn.ReLU(), nn.Mish), nn.Mish)
    swapped = swap_activation(nn.Sequential(nn.Tanh(), nn.ReLU()), nn.Mish, kinds=(nn.Tanh,))
    assert [type(layer) for layer in swapped] == [nn.Mish, nn.ReLU]


def test_the_mode_is_that_of_what_was_replaced():
    assert not swap_activation(nn.Sequential(nn.ReLU()).eval(), nn.Mish)[0].training


def test_a_model_without_activations_is_refused():
    with pytest.raises(ValueError, match=r"must have activations that are modules.*got Linear without any"):
        swap_activation(nn.Linear(2, 2), nn.Mish)


def test_noise_has_the_variance_of_the_sigmoid_and_is_gone_in_evaluation():
    inputs = torch.full((200_000,), 3.0)
    layer = NoisyRectifier(1.0)
    with scoped_seed(0, "noise"):
        noise = layer(inputs) - 3.0
    # Three deviations of noise below 3 are rarely cut off; the estimate of n = 2e5 is good to 1 %.
    assert noise.var().item() == pytest.approx(torch.sigmoid(torch.tensor(3.0)).item(), rel=0.02)
    assert torch.equal(layer.eval()(inputs), inputs)


@pytest.mark.usefixtures("random_state_untouched")
def test_without_noise_it_is_relu_and_draws_nothing():
    inputs = torch.linspace(-3, 3, 13)
    assert torch.equal(NoisyRectifier(0.0)(inputs), inputs.relu())


def test_the_random_slope_is_one_over_a_uniform_draw():
    layer = RandomizedRectifier(3.0, 8.0)
    with scoped_seed(0, "slopes"):
        divisors = -1.0 / layer(torch.full((50_000,), -1.0))
    assert 3.0 <= divisors.min() < 3.01
    assert 7.99 < divisors.max() <= 8.001
    assert divisors.mean().item() == pytest.approx(5.5, rel=0.01)
    assert torch.equal(layer(torch.tensor([0.0, 2.0])), torch.tensor([0.0, 2.0]))
    torch.testing.assert_close(layer.eval()(torch.tensor([-11.0, 4.0])), torch.tensor([-2.0, 4.0]))


def test_swish_at_one_is_silu_and_at_zero_half_the_inputs():
    inputs = torch.linspace(-4, 4, 17)
    torch.testing.assert_close(SwishLayer(1.0)(inputs), nn.functional.silu(inputs))
    torch.testing.assert_close(SwishLayer(0.0)(inputs), inputs / 2)
