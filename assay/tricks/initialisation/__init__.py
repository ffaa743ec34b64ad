"""Tricks that set the network's first weights."""

from __future__ import annotations

from assay.recipe import Trick
from assay.tricks.initialisation.filler_init import FillerInit
from assay.tricks.initialisation.fixup import Fixup
from assay.tricks.initialisation.forget_bias import ForgetBias
from assay.tricks.initialisation.he_init import HeInit
from assay.tricks.initialisation.layer_sequential_init import LayerSequentialInit
from assay.tricks.initialisation.lecun_init import LecunInit
from assay.tricks.initialisation.output_bias_init import OutputBiasInit
from assay.tricks.initialisation.relu_bias import ReluBias
from assay.tricks.initialisation.small_random_init import SmallRandomInit
from assay.tricks.initialisation.spectral_radius import SpectralRadius
from assay.tricks.initialisation.xavier_init import XavierInit
from assay.tricks.initialisation.zero_gamma import ZeroGamma

TRICKS: tuple[type[Trick], ...] = (
    *(XavierInit, HeInit, LecunInit, SmallRandomInit, FillerInit, LayerSequentialInit, Fixup, ZeroGamma),
    *(ReluBias, OutputBiasInit),
    *(ForgetBias, SpectralRadius),
)
