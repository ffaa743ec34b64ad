"""Beside a norm on weights no trick may act on what is stored as if it were what is used."""

import pytest

from assay.models.resnet import ResNet
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
def test_weights_are_drawn_before_spectral_norm_measures_them(draw):
    """After it, the first convolution of a small network stretched its inputs 8 times, and not once."""
    with pytest.raises(RecipeError, match=f"{type(draw).__name__} needs its place before SpectralNorm, which begins"):
        HOME | SpectralNorm() | draw
    assert (HOME | draw | SpectralNorm()).has(SpectralNorm)
    assert (HOME | WeightStandardisation() | draw).has(WeightStandardisation)
