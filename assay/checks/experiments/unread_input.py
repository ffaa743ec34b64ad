"""Of several inputs alike, such as two views, does the loss read the outputs of each?

    read[i]: L(f(x with noise in input i)) != L(f(x)), where the outputs themselves are not the same to the bit

A loss that compares one output with itself is moved by neither the noise in the other's input nor a gradient from it.

Source: Bromley et al. 1993 (siamese networks: the loss compares the outputs of both inputs).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from assay.checks.experiments.own_step import judged_by_loss
from assay.checks.given.batches import map_tensors, replace_inputs, tensors_in
from assay.checks.given.pipeline import Pipeline


@dataclass(frozen=True)
class UnreadInput:
    """Which input, counted from 0, of how many, and the loss whatever its values."""

    number: int
    inputs: int
    loss: float


def unread_input(pipeline: Pipeline, batch: Any) -> UnreadInput | None:
    """One of several inputs of one shape that moves the outputs, and the loss by not a bit."""
    given = list(tensors_in(pipeline.inputs(batch)))
    if len(given) < 2 or not pipeline.once(judged_by_loss):
        return None
    before, loss = _answers(pipeline, batch, None)
    for number, tensor in enumerate(given):
        alike = [other for other in given if other.shape == tensor.shape and other.dtype == tensor.dtype]
        if len(alike) < 2 or not tensor.is_floating_point():
            continue
        after, disturbed = _answers(pipeline, batch, number)
        if disturbed == loss and not all(map(torch.equal, before, after)):
            return UnreadInput(number, len(given), loss)
    return None


def _answers(pipeline: Pipeline, batch: Any, number: int | None) -> tuple[list[Tensor], float]:
    """Outputs and loss with noise in one input; None for no noise."""
    places, generator = iter(range(1000)), torch.Generator().manual_seed(0)

    def disturb(tensor: Tensor) -> Tensor:
        noise = torch.randn(tensor.shape, generator=generator).to(tensor)
        return tensor + noise if next(places) == number else tensor

    edited = replace_inputs(batch, map_tensors(disturb, pipeline.inputs(batch)))
    pipeline.seed_for("unread input")
    with torch.no_grad():
        said = pipeline.forward(pipeline.evaluation_copy(), edited)
        return list(tensors_in(said)), float(pipeline.loss_fn(said, pipeline.targets(batch)))
