"""Tricks that act on gradients, between backward and the update."""

from __future__ import annotations

from assay.recipe import Trick
from assay.tricks.gradient.gradient_clip import GradientClip

TRICKS: tuple[type[Trick], ...] = (GradientClip,)
