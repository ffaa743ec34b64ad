"""Tricks that change inputs, or inputs and targets together, one batch at a time."""

from __future__ import annotations

from assay.recipe import Trick
from assay.tricks.batch.crop import Crop
from assay.tricks.batch.cutmix import CutMix
from assay.tricks.batch.cutout import Cutout
from assay.tricks.batch.flip import Flip
from assay.tricks.batch.mixup import Mixup

TRICKS: tuple[type[Trick], ...] = (Flip, Crop, Cutout, Mixup, CutMix)
