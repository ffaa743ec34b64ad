"""Tricks that change weights after the update."""

from __future__ import annotations

from assay.recipe import Trick
from assay.tricks.weights.lookahead import Lookahead
from assay.tricks.weights.max_norm import MaxNorm
from assay.tricks.weights.weight_clip import WeightClip

TRICKS: tuple[type[Trick], ...] = (Lookahead, MaxNorm, WeightClip)
