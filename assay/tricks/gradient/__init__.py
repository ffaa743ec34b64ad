"""Tricks that act on gradients, between backward and the update."""

from __future__ import annotations

from assay.recipe import Trick
from assay.tricks.gradient.adaptive_gradient_clip import AdaptiveGradientClip
from assay.tricks.gradient.gradient_centralisation import GradientCentralisation
from assay.tricks.gradient.gradient_clip import GradientClip
from assay.tricks.gradient.gradient_value_clip import GradientValueClip

TRICKS: tuple[type[Trick], ...] = (GradientClip, GradientValueClip, AdaptiveGradientClip, GradientCentralisation)
