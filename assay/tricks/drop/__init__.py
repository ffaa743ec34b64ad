"""Tricks that drop or shake parts of the network while it trains."""

from __future__ import annotations

from assay.recipe import Trick
from assay.tricks.drop.drop_block import DropBlock
from assay.tricks.drop.drop_connect import DropConnect
from assay.tricks.drop.dropout import Dropout
from assay.tricks.drop.dropout2d import Dropout2d
from assay.tricks.drop.input_dropout import InputDropout
from assay.tricks.drop.shake_drop import ShakeDrop
from assay.tricks.drop.shake_shake import ShakeShake
from assay.tricks.drop.stochastic_depth import StochasticDepth

TRICKS: tuple[type[Trick], ...] = (
    *(Dropout, Dropout2d, InputDropout, DropConnect, DropBlock),
    *(StochasticDepth, ShakeDrop, ShakeShake),
)
