"""Tricks that change target distributions."""

from __future__ import annotations

from assay.recipe import Trick
from assay.tricks.target.distillation import Distillation
from assay.tricks.target.label_smoothing import LabelSmoothing

TRICKS: tuple[type[Trick], ...] = (LabelSmoothing, Distillation)
