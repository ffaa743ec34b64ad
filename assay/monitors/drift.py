"""Drift: how far parameters and buffers have gone from where they were.

    drift = |now - then| / |then|        |now| where then was 0

Source: Goodfellow et al. 2016, section 11.5; Ioffe and Szegedy 2015, section 3.1 (running statistics).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class StatisticsGap:
    """A batch norm's running statistics against those of a batch.

    shift: root mean square over channels of (batch mean - running mean) / running deviation, 0 when they agree.
    scale: geometric mean over channels of batch variance / running variance, 1 when they agree.
    """

    shift: float
    scale: float


def measure_drift(then: dict[str, Tensor], now: dict[str, Tensor]) -> dict[str, float]:
    """The drift of each floating-point tensor that both have under one name and with one shape."""
    drifts = {}
    for name, old in then.items():
        new = now.get(name)
        if new is not None and new.shape == old.shape and old.is_floating_point():
            size = float(old.norm(dtype=torch.float32))
            drifts[name] = float((new - old).norm(dtype=torch.float32)) / (size or 1.0)
    return drifts


def measure_statistics_gap(norm: nn.modules.batchnorm._BatchNorm, given: Tensor) -> StatisticsGap | None:
    """What a batch says of a batch norm's running statistics; None without them, or with too few values to say."""
    mean, variance = norm.running_mean, norm.running_var
    if mean is None or variance is None or given.dim() < 2 or given.numel() // given.shape[1] < 8:
        return None
    channels = given.detach().float().transpose(0, 1).flatten(1)
    batch_variance, batch_mean = torch.var_mean(channels, 1, correction=0)
    variance = variance.float() + norm.eps
    shift = ((batch_mean - mean.float()).square() / variance).mean().sqrt()
    scale = ((batch_variance + norm.eps) / variance).log().mean().exp()
    return StatisticsGap(float(shift), float(scale))
