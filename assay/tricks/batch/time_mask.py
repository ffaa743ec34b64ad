"""Time mask: hide a random stretch of each signal, so that no single moment decides.

    inputs[start : start + width] = 0,  width ~ U{0, ..., share * length},  start ~ U{0, ..., length - width}

Time is the last dimension: (batch, time), (batch, channels, time) or, as arrays hold channels, (batch, channels, 1,
time). Images of more rows and columns of a table are refused; a vector of an array counts as a signal, for only its
owner knows whether its values lie in time. It acts after normalisation: 0 is the mean. The widest mask is rounded
down to whole positions, and is one at least.

Source: Park et al. 2019, section 2 (SpecAugment, arXiv:1904.08779), its masks of time.
Measured: no figure read by us isolates it.
Hurts: signals whose label is one short event.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import torch
from jaxtyping import Float, Int
from torch import Tensor

from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.arguments import require_range, require_signals
from assay.tricks.whole_share import whole_share


def mask_time(
    signals: Float[Tensor, "batch *channels time"], starts: Int[Tensor, " batch"], widths: Int[Tensor, " batch"]
) -> Float[Tensor, "batch *channels time"]:
    """Zeros in [start, start + width) of each signal."""
    position = torch.arange(signals.shape[-1])
    shown = (position < starts[:, None]) | (position >= (starts + widths)[:, None])
    return signals * shown.view(len(signals), *(1,) * (signals.dim() - 2), -1).to(signals)


def edit_masks(
    inputs: Tensor, targets: Tensor, generator: torch.Generator, clock: Clock, *, share: float, masks: int
) -> tuple[Tensor, Tensor]:
    """Batch edit: fresh masks for every example; targets unchanged."""
    require_signals(inputs, "TimeMask")
    length = inputs.shape[-1]
    limit = whole_share(share, length)
    for _ in range(masks if limit else 0):
        widths = torch.randint(0, limit + 1, (len(inputs),), generator=generator)
        starts = (torch.rand(len(inputs), generator=generator) * (length - widths + 1)).long()
        inputs = mask_time(inputs, starts, widths)
    return inputs, targets


@dataclass(frozen=True)
class TimeMask:
    """Hide stretches of signals. share: the longest, of the length; masks: how many."""

    signals_only: ClassVar[bool] = True
    share: float = 0.2
    masks: int = 1

    def __post_init__(self) -> None:
        require_range("share", self.share, 0.0, 1.0, usual="0.2 is usual, and 0 turns it off")
        require_range("masks", self.masks, 0, usual="1 or 2 is usual, and 0 turns it off")

    def __call__(self, recipe: Recipe) -> Recipe:
        return recipe.add(batch_edits=partial(edit_masks, share=self.share, masks=self.masks))
