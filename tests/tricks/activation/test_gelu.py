import math

import pytest
import torch
from scipy.stats import norm

from assay.models.activations import find_activations
from assay.network import build_model
from assay.recipe import Recipe
from assay.tricks.activation.gelu import GELU

INPUTS = torch.linspace(-4, 4, 17, dtype=torch.float64)


def first_activation(trick, specification):
    return find_activations(build_model(Recipe() | trick, specification, seed=0))[0][2]


def test_exact_is_the_input_times_the_normal_distribution_function(tiny_images):
    expected = INPUTS * torch.from_numpy(norm.cdf(INPUTS.numpy()))
    torch.testing.assert_close(first_activation(GELU(), tiny_images.specification)(INPUTS), expected)


def test_tanh_is_the_published_approximation(tiny_images):
    inner = math.sqrt(2 / math.pi) * (INPUTS + 0.044715 * INPUTS**3)
    found = first_activation(GELU("tanh"), tiny_images.specification)(INPUTS)
    torch.testing.assert_close(found, 0.5 * INPUTS * (1 + inner.tanh()))


def test_other_forms_are_refused():
    with pytest.raises(ValueError, match="form must be one of exact, tanh, got 'none'"):
        GELU("none")
