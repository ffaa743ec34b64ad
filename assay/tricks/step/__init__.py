"""Tricks that make one update of several passes."""

from __future__ import annotations

from assay.recipe import Trick

TRICKS: tuple[type[Trick], ...] = ()
