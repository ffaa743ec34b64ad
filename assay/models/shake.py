"""Shaking: a tensor is multiplied by one number on the way forward and by another on the way back.

    outputs = forward_factor * inputs
    d loss / d inputs = backward_factor * d loss / d outputs

The second is not the gradient of the first: it is noise in the gradient that the network learns to live with.

Source: Gastaldi 2017 (arXiv:1705.07485), section 1.
"""

from __future__ import annotations

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

SHARED_AXES = {"batch": (0, 1, 2, 3), "image": (1, 2, 3), "channel": (2, 3), "pixel": ()}
"""By level: the axes of (batch, channels, height, width) along which one draw is shared."""


class Shake(torch.autograd.Function):
    """Multiplication with a gradient of its own."""

    @staticmethod
    def forward(ctx: Any, inputs: Tensor, forward_factor: Tensor, backward_factor: Tensor) -> Tensor:
        ctx.save_for_backward(backward_factor)
        return inputs * forward_factor

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        (backward_factor,) = ctx.saved_tensors
        return gradients[0] * backward_factor, None, None


def shake(inputs: Tensor, forward_factor: Tensor, backward_factor: Tensor) -> Tensor:
    """inputs * forward_factor, whose gradient is multiplied by backward_factor; factors are broadcast."""
    return Shake.apply(inputs, forward_factor, backward_factor)


def draw_factors(
    inputs: Float[Tensor, "batch channels height width"], level: str, *, low: float = 0.0, high: float = 1.0
) -> Tensor:
    """Numbers from U(low, high) for the whole batch, or for each image, channel or pixel; broadcast to `inputs`.

    They come from torch's global state.
    """
    shared = SHARED_AXES[level]
    shape = [1 if axis in shared else size for axis, size in enumerate(inputs.shape)]
    return torch.rand(shape, device=inputs.device, dtype=inputs.dtype) * (high - low) + low
