"""Tricks that normalise inputs, layers or weights."""

from __future__ import annotations

from assay.recipe import Trick

TRICKS: tuple[type[Trick], ...] = ()
