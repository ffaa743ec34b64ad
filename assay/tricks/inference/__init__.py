"""Tricks that change how a trained network answers."""

from __future__ import annotations

from assay.recipe import Trick
from assay.tricks.inference.flip_average import FlipAverage
from assay.tricks.inference.logit_scale import LogitScale
from assay.tricks.inference.temperature import Temperature

TRICKS: tuple[type[Trick], ...] = (FlipAverage, LogitScale, Temperature)
