"""Tricks that choose the number format of the forward pass."""

from __future__ import annotations

from assay.recipe import Trick
from assay.tricks.precision.mixed_precision import MixedPrecision
from assay.tricks.precision.tf32 import TF32

TRICKS: tuple[type[Trick], ...] = (MixedPrecision, TF32)
