"""Which input of a program runs along time, and do its targets follow from it?

    targets[t] = inputs[t + offset],    offset 1 where the next element is predicted, 0 where the loss itself shifts

The offset is read from the data, at all places that the loss counts but a few, as marks at the ends may differ.

Source: Karpathy 2019, A Recipe for Training Neural Networks (look at the data, and at what goes into the network).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import Any

import torch
from torch import Tensor, nn

from assay.checks.given.batches import tensors_in
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.pipeline import Pipeline

FEWEST_PLACES = 3
SAME = 0.99  # of the places that count, so that marks at the ends may differ


@dataclass(frozen=True)
class Sequences:
    """Inputs that run along time, and how the targets follow from them.

    number: of the tensor among the inputs; axis: of time in it.
    offset: targets at t are inputs at t + offset; None where they are something else.
    """

    number: int
    axis: int
    length: int
    offset: int | None


def sequences_of(pipeline: Pipeline) -> Sequences:
    """The input that has a time axis in common with outputs and targets.

    Raises:
        CannotCheckError: there is none.
    """
    batch = pipeline.examples(64)
    targets = pipeline.targets(batch)
    tensors = list(tensors_in(pipeline.inputs(batch)))
    if isinstance(targets, Tensor):
        for number, tensor in enumerate(tensors):
            if (axis_and_offset := _follows(tensor, targets, pipeline.loss_kind.ignored_label)) is not None:
                return Sequences(number, axis_and_offset[0], tensor.shape[axis_and_offset[0]], axis_and_offset[1])
    for number, tensor in enumerate(tensors):
        is_words = tensor.dim() == 2 and not tensor.is_floating_point()
        if (is_words or tensor.dim() == 3) and tensor.shape[1] >= FEWEST_PLACES:
            found = Sequences(number, 1, tensor.shape[1], None)
            by_place(pipeline, pipeline.evaluation_copy(), pipeline.examples(2), found)
            return found
    raise CannotCheckError("inputs and outputs have no axis of time in common")


def _follows(inputs: Tensor, targets: Tensor, ignored: int) -> tuple[int, int] | None:
    """The axis and offset with targets[t] = inputs[t + offset], for an offset of 1 or 0."""
    if inputs.dim() == targets.dim() + 1 and inputs.shape[-1] == 1:
        inputs = inputs.squeeze(-1)
    if inputs.shape != targets.shape or inputs.dim() not in (2, 3):
        return None
    axes = (1,) if inputs.dim() == 2 else (1, 2)
    for offset in (1, 0):
        for axis in axes:
            length = inputs.shape[axis]
            if length < FEWEST_PLACES:
                continue
            wanted, given = targets.narrow(axis, 0, length - offset), inputs.narrow(axis, offset, length - offset)
            counts = counted(targets, ignored)
            # After the last word of a padded row stands padding: the answer to it is not among the inputs.
            counts = counts.narrow(axis, 0, length - offset) & counts.narrow(axis, offset, length - offset)
            varied = len(given[counts].unique()) > 2
            if varied and float((wanted == given)[counts].double().mean()) >= SAME:
                return axis, offset
    return None


def counted(targets: Tensor, ignored: int) -> Tensor:
    """Which targets the loss counts."""
    return torch.ones_like(targets, dtype=torch.bool) if targets.is_floating_point() else targets != ignored


def by_place(pipeline: Pipeline, model: nn.Module, batch: Any, found: Sequences) -> Tensor:
    """Outputs of the batch as (batch, places, rest)."""
    with torch.no_grad():
        outputs = pipeline.outputs(model, batch)
    size = len(list(tensors_in(pipeline.inputs(batch)))[found.number])
    return placed(pipeline, outputs, size, found)


def placed(pipeline: Pipeline, outputs: Tensor, size: int, found: Sequences) -> Tensor:
    """Outputs, or a gradient of them, as (batch, places, rest).

    Raises:
        CannotCheckError: they have no axis of that many places.
    """
    if len(outputs) == size * found.length:
        return outputs.reshape(size, found.length, -1)
    kind = pipeline.loss_kind
    classes = kind.class_axis % outputs.dim() if kind.is_classification else None
    axes = [axis for axis in range(1, outputs.dim()) if outputs.shape[axis] == found.length and axis != classes]
    if len(outputs) != size or not axes:
        raise CannotCheckError("inputs and outputs have no axis of time in common")
    axis = found.axis if found.axis in axes else axes[0]
    return outputs.movedim(axis, 1).reshape(size, found.length, -1)


def real_places(pipeline: Pipeline, batch: Any, found: Sequences) -> Tensor | None:
    """Where words stand that have an answer; None where targets do not follow from the inputs."""
    if found.offset is None:
        return None
    real = counted(pipeline.targets(batch), pipeline.loss_kind.ignored_label)
    return real.reshape(next(islice(tensors_in(pipeline.inputs(batch)), found.number, None)).shape)
