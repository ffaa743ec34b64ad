"""Time shift: each signal starts somewhere else, because when a recording begins says nothing.

    inputs[t] = inputs[(t - shift) % length],  shift ~ U{-share * length, ..., share * length}

Time is the last dimension: (batch, time), (batch, channels, time) or, as arrays hold channels, (batch, channels, 1,
time). Images of more rows and columns of a table are refused; a vector of an array counts as a signal, for only its
owner knows whether its values lie in time. The end comes in again at the start, as suits vibration and other signals
without a beginning; "zero" shows silence there. It acts before normalisation. The largest shift is rounded down to
whole positions, and is one at least.

Source: the training example of Warden 2018 (Speech Commands, arXiv:1804.03209) in TensorFlow, which shifts sounds
of a second by up to 100 ms.
Measured: no figure read by us isolates it.
Hurts: vectors of features, whose places have meanings of their own; events whose time is the label.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import torch
from jaxtyping import Int, Shaped
from torch import Tensor

from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.arguments import require_choice, require_range, require_signals
from assay.tricks.whole_share import whole_share

BORDERS = ("wrap", "zero")


def shift_time(
    signals: Shaped[Tensor, "batch *channels time"], shifts: Int[Tensor, " batch"], *, border: str = "wrap"
) -> Shaped[Tensor, "batch *channels time"]:
    """Each signal `shift` positions later."""
    length = signals.shape[-1]
    position = torch.arange(length) - shifts.cpu()[:, None]
    shape = (len(signals), *(1,) * (signals.dim() - 2), length)
    moved = signals.gather(-1, (position % length).view(shape).expand(signals.shape).to(signals.device))
    if border == "zero":
        moved *= ((position >= 0) & (position < length)).view(shape).to(moved)
    return moved


def edit_starts(
    inputs: Tensor, indices: Tensor, generator: torch.Generator, clock: Clock, *, share: float, border: str
) -> Tensor:
    """Input edit: a fresh shift for every example."""
    require_signals(inputs, "TimeShift")
    limit = whole_share(share, inputs.shape[-1])
    if limit == 0:
        return inputs
    return shift_time(inputs, torch.randint(-limit, limit + 1, (len(inputs),), generator=generator), border=border)


@dataclass(frozen=True)
class TimeShift:
    """Shift signals in time. share: largest shift, of the length; border: `wrap` or `zero`."""

    signals_only: ClassVar[bool] = True
    share: float = 0.1
    border: str = "wrap"

    def __post_init__(self) -> None:
        require_range("share", self.share, 0.0, 1.0, usual="0.1 is usual, 0.5 for periodic signals, and 0 is off")
        require_choice("border", self.border, BORDERS)

    def __call__(self, recipe: Recipe) -> Recipe:
        return recipe.add(input_edits=partial(edit_starts, share=self.share, border=self.border))
