"""What enters a network, by its largest tensor: numbers and quantiles of the inputs of either side."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from assay.checks.experiments.channel_order import channel_means
from assay.checks.experiments.input_conventions import drawn
from assay.checks.given.batches import split_batch, tensors_in
from assay.checks.given.cannot_check import CannotCheckError
from assay.figure import Lines, Series

LEVELS = tuple(step / 20 for step in range(1, 20))


def largest_inputs(batch: Any) -> Tensor:
    """The largest floating-point tensor that enters the network, examples first.

    Raises:
        CannotCheckError: there is none, or it is not finite.
    """
    inputs = split_batch(batch)[0]
    size = len(next(tensors_in(inputs), torch.empty(0)))
    found = [t for t in tensors_in(inputs) if t.dim() > 1 and len(t) == size and t.dtype != torch.bool]
    found = [t for t in found if t.is_floating_point() or t.dtype == torch.uint8]
    if not found:
        raise CannotCheckError("no inputs are numbers that have a scale")
    largest = max(found, key=lambda tensor: tensor.nelement()).detach().cpu().float()
    if not bool(torch.isfinite(largest).all()):
        raise CannotCheckError("inputs are not finite")
    return largest


def describe(inputs: Tensor) -> dict[str, Any]:
    """Plain numbers about one side."""
    return {
        "examples": len(inputs),
        "low": float(inputs.min()),
        "high": float(inputs.max()),
        "mean": float(inputs.mean()),
        "deviation": float(inputs.std(correction=0)),
        "channel_means": channel_means(inputs).mean(0)[:16].tolist(),
    }


def quantiles_of_sides(train: Tensor, validation: Tensor) -> Lines:
    """A figure of how the values of both are spread."""
    levels = torch.tensor(LEVELS)
    series = []
    for name, side in (("training", train), ("validation", validation)):
        values = side.flatten()
        quantiles = torch.quantile(drawn(values, 100_000), levels)
        series.append(Series(name, LEVELS, tuple(quantiles.tolist())))
    return Lines("Quantiles of inputs", "share of values below", "value", tuple(series))
