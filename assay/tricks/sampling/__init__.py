"""Tricks that choose which examples an epoch shows, and in which order."""

from __future__ import annotations

from assay.recipe import Trick

TRICKS: tuple[type[Trick], ...] = ()
