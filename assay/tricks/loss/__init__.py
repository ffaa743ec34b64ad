"""Tricks that replace the loss, or change its value before it is differentiated."""

from __future__ import annotations

from assay.recipe import Trick
from assay.tricks.loss.flooding import Flooding
from assay.tricks.loss.focal import Focal

TRICKS: tuple[type[Trick], ...] = (Flooding, Focal)
