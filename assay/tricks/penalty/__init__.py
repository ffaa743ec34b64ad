"""Tricks that add a term to the loss."""

from __future__ import annotations

from assay.recipe import Trick

TRICKS: tuple[type[Trick], ...] = ()
