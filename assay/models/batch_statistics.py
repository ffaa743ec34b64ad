"""What variants of batch norm share: a batch's statistics by channel, their running averages, and their use.

    outputs = (inputs - mean) / sqrt(variance + eps) * weight + bias

Source: Ioffe & Szegedy 2015 (arXiv:1502.03167), algorithm 1.
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.modules.batchnorm import _BatchNorm

from assay.errors import InputError


def channel_statistics(inputs: Float[Tensor, "batch channels ..."]) -> tuple[Tensor, Tensor]:
    """Mean and variance (over n, not n - 1) of each channel over the batch and all positions, in 32 bits or more.

    Raises:
        InputError: a channel has one value, which is its own mean.
    """
    if inputs.numel() <= inputs.shape[1]:
        raise InputError(f"a batch must have two values a channel, got shape {tuple(inputs.shape)}; use a larger batch")
    over = (0, *range(2, inputs.dim()))
    variance, mean = torch.var_mean(_precise(inputs), dim=over, correction=0)
    return mean, variance


def normalise(norm: _BatchNorm, inputs: Tensor, mean: Tensor, variance: Tensor) -> Tensor:
    """The formula above with the norm's weight and bias, in the inputs' number format."""
    shape = (1, -1, *(1,) * (inputs.dim() - 2))
    scale = (variance + norm.eps).rsqrt()
    scale = scale if norm.weight is None else scale * norm.weight
    shift = -mean * scale if norm.bias is None else norm.bias - mean * scale
    return (_precise(inputs) * scale.view(shape) + shift.view(shape)).to(inputs.dtype)


@torch.no_grad()
def update_running_statistics(norm: _BatchNorm, inputs: Tensor, mean: Tensor, variance: Tensor) -> None:
    """As torch does after a training batch: averages of mean and unbiased variance, and a count."""
    if norm.running_mean is None or norm.running_var is None or norm.num_batches_tracked is None:
        return
    norm.num_batches_tracked += 1
    count = inputs.numel() // inputs.shape[1]
    share = 1.0 / norm.num_batches_tracked if norm.momentum is None else torch.tensor(norm.momentum)
    share = share.to(norm.running_mean)
    norm.running_mean.lerp_(mean.to(norm.running_mean), share)
    norm.running_var.lerp_((variance * (count / (count - 1))).to(norm.running_var), share)


def _precise(inputs: Tensor) -> Tensor:
    return inputs if inputs.dtype == torch.float64 else inputs.float()
