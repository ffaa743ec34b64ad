"""Tricks that average weights over training."""

from __future__ import annotations

from assay.recipe import Trick
from assay.tricks.average.ema import EMA

TRICKS: tuple[type[Trick], ...] = (EMA,)
