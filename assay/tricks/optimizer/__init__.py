"""Tricks that act on the optimiser's settings, for all parameters or for some."""

from __future__ import annotations

from assay.recipe import Trick
from assay.tricks.optimizer.linear_scaling import LinearScaling
from assay.tricks.optimizer.no_bias_decay import NoBiasDecay
from assay.tricks.optimizer.weight_decay import WeightDecay

TRICKS: tuple[type[Trick], ...] = (LinearScaling, NoBiasDecay, WeightDecay)
