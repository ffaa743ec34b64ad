"""Tricks that average weights over training, or keep several of them."""

from __future__ import annotations

from assay.recipe import Trick
from assay.tricks.average.checkpoint_average import CheckpointAverage
from assay.tricks.average.ema import EMA
from assay.tricks.average.snapshots import Snapshots
from assay.tricks.average.swa import SWA

TRICKS: tuple[type[Trick], ...] = (EMA, SWA, CheckpointAverage, Snapshots)
