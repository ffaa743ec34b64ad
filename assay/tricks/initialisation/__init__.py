"""Tricks that set the network's first weights."""

from __future__ import annotations

from assay.recipe import Trick
from assay.tricks.initialisation.output_bias_init import OutputBiasInit
from assay.tricks.initialisation.zero_gamma import ZeroGamma

TRICKS: tuple[type[Trick], ...] = (OutputBiasInit, ZeroGamma)
