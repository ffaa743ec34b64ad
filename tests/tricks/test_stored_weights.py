"""Beside a norm on weights no trick may act on what is stored as if it were what is used."""

import pytest
import torch
from torch import nn

from assay.models.resnet import ResNet
from assay.network import build_model
from assay.recipe import Recipe, RecipeError
from assay.tricks.initialisation.filler_init import FillerInit
from assay.tricks.initialisation.he_init import HeInit
from assay.tricks.initialisation.layer_sequential_init import LayerSequentialInit
from assay.tricks.initialisation.lecun_init import LecunInit
from assay.tricks.initialisation.small_random_init import SmallRandomInit
from assay.tricks.initialisation.xavier_init import XavierInit
from assay.tricks.norm.spectral_norm import SpectralNorm
from assay.tricks.norm.weight_standardisation import WeightStandardisation
from assay.tricks.weights.max_norm import MaxNorm
from assay.tricks.weights.weight_clip import WeightClip

HOME = Recipe(model=ResNet(8))


@pytest.mark.parametrize("norm", [SpectralNorm(), WeightStandardisation()], ids=repr)
@pytest.mark.parametrize("other", [MaxNorm(), WeightClip(), LayerSequentialInit()], ids=repr)
def test_sizes_that_a_norm_on_weights_takes_out_again_are_refused(norm, other):
    first, second = type(norm).__name__, type(other).__name__
    for one, two in ((norm, other), (other, norm)):
        with pytest.raises(RecipeError, match=rf"({first} and {second}|{second} and {first}) both set .*; keep one"):
            HOME | one | two
    assert (HOME | MaxNorm() | WeightClip() | LayerSequentialInit()).tricks


@pytest.mark.parametrize("draw", [HeInit(), XavierInit(), LecunInit(), SmallRandomInit(), FillerInit()], ids=repr)
def test_weights_are_drawn_before_spectral_norm_measures_them(draw, tiny_images):
    """Drawn after it, the first convolution of a small network stretched its inputs 8 times, and not once."""
    for recipe in (HOME | SpectralNorm() | draw, HOME | draw | SpectralNorm()):
        model = build_model(recipe, tiny_images.specification, seed=0).eval()
        layers = [module for module in model.modules() if isinstance(module, (nn.Conv2d, nn.Linear))]
        stretches = [float(torch.linalg.matrix_norm(layer.weight.detach().flatten(1), ord=2)) for layer in layers]
        # Fifteen power iterations follow the largest singular value to a few percent.
        assert stretches == pytest.approx([1.0] * len(layers), abs=0.1)
