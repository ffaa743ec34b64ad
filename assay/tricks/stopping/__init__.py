"""Tricks that decide when training ends."""

from __future__ import annotations

from assay.recipe import Trick
from assay.tricks.stopping.early_stopping import EarlyStopping

TRICKS: tuple[type[Trick], ...] = (EarlyStopping,)
