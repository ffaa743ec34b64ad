"""Tricks that change how a trained network answers."""

from __future__ import annotations

from assay.recipe import Trick

TRICKS: tuple[type[Trick], ...] = ()
