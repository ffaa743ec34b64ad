import math

import torch
from torch import nn

from assay.models.initialisation import initialise_convolutions
from assay.randomness import scoped_seed


def test_weights_have_the_variance_two_over_fan_out_and_biases_are_zero():
    model = nn.Sequential(nn.Conv2d(16, 64, 3), nn.Conv2d(64, 64, 3, groups=4), nn.Linear(3, 2))
    linear_before = model[2].weight.clone()
    with scoped_seed(3, "initialisation"):
        initialise_convolutions(model)
    for layer, fan_out in ((model[0], 64 * 9), (model[1], 64 * 9)):
        deviation = layer.weight.std().item()
        # The deviation of n normal draws is off by about 1 / sqrt(2 n): five of those is 4 % at n = 9,216.
        # torch counts fan_out without dividing by groups.
        assert math.isclose(deviation, math.sqrt(2 / fan_out), rel_tol=0.04)
        assert torch.equal(layer.bias, torch.zeros_like(layer.bias))
    assert torch.equal(model[2].weight, linear_before)
