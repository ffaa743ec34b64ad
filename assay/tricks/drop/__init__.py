"""Tricks that drop or shake parts of the network while it trains."""

from __future__ import annotations

from assay.recipe import Trick
from assay.tricks.drop.dropout import Dropout

TRICKS: tuple[type[Trick], ...] = (Dropout,)
