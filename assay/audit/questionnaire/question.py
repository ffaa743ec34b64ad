"""A question about the inputs: what is taken from them, or added, and what follows from the answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

Way = Literal["without", "also", "pooled", "line"]
Change = Callable[[Tensor, torch.Generator], Tensor]


@dataclass(frozen=True)
class Advice:
    """What an answer says about architecture and augmentation. use, avoid: tricks, as `--trick` takes them."""

    text: str
    use: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()


@dataclass(frozen=True)
class Question:
    """One line of the sheet.

    name: of the answer's finding. label: what was done, in a figure. asks: the question in words.
    change: makes the changed copies of (n, channels, height, width) inputs from them and a generator.
    way: `without` trains and judges on changed copies alone; `also` trains on originals and copies and judges on
        both, which shows whether the copies keep their class; `pooled` leaves the inputs alone and averages each map
        of the network before its last layer; `line` has a linear model in place of the probe.
    kept: what to do when next to nothing is lost. lost: when it is. strange: of the way `also`, when nothing is lost
        by training on the copies, yet networks that never saw any do not know them.
    """

    name: str
    label: str
    asks: str
    way: Way
    kept: Advice
    lost: Advice
    change: Change | None = None
    strange: Advice | None = None
