"""Clipping and dead channels of each signal.

An end of a channel's range is clipped when the values pile up there:

    top  = values equal to the channel's largest, some of them in a run of at least 3
    next = values equal to the second largest
    clipped if top >= 5 next and top is less than half of all

The same at the lower end. Of a sine in 8 bits, top is 2.4 times next; of one without clipping in floating point they
are equal; of steps between two levels too. Where half of all values are equal, the signal rests there.
"""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float, Shaped
from torch import Tensor

RUN, PILE, REST = 3, 5, 0.5
LEAST_LENGTH = 16


def measure_signal(values: Shaped[Tensor, "batch *shape"]) -> Float[Tensor, "batch 3"]:
    """(largest share of clipped values in a channel, number of dead channels, share of steps without a change);
    nan for what is no signal.

    Of (batch, channels, 1, length), (batch, channels, length) and (batch, length), of 16 values at least. A channel is
    dead where all its values are equal; one with a value that is not finite is neither clipped nor dead.
    """
    channels = as_channels(values)
    if channels is None:
        return torch.full((len(values), 3), torch.nan, dtype=torch.float64)
    if not channels.is_floating_point():
        channels = channels.float()
    finite = channels.isfinite().all(2)
    dead = finite & (channels.amax(2) == channels.amin(2))
    clipped = (piled_up(channels) + piled_up(-channels)).where(finite & ~dead, 0.0).amax(1)
    still = (channels[..., 1:] == channels[..., :-1]).flatten(1).double().mean(1)
    return torch.stack([clipped.double(), dead.sum(1).double(), still], 1)


def as_channels(values: Shaped[Tensor, "batch *shape"]) -> Shaped[Tensor, "batch channels length"] | None:
    """Signals by channel; None for images and for what is too short."""
    is_image = values.ndim == 4 and values.shape[2] > 1
    if is_image or values.ndim not in (2, 3, 4) or values.shape[-1] < LEAST_LENGTH:
        return None
    return values.reshape(len(values), -1, values.shape[-1])


def piled_up(channels: Shaped[Tensor, "batch channels length"]) -> Float[Tensor, "batch channels"]:
    """The share of values at the upper end, 0 where that is not clipped."""
    at = channels == channels.amax(2, keepdim=True)
    below = channels.masked_fill(at, -torch.inf)
    top = at.sum(2)
    following = (below == below.amax(2, keepdim=True)).sum(2)
    clipped = _has_run(at) & (top >= PILE * following) & (top < REST * channels.shape[2])
    return top.where(clipped, 0) / channels.shape[2]


def _has_run(at: Bool[Tensor, "batch channels length"]) -> Bool[Tensor, "batch channels"]:
    return (at[..., :-2] & at[..., 1:-1] & at[..., 2:]).any(2)
