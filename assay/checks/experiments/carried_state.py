"""What an evaluation leaves behind in the model and the next one reads: a state that is never reset.

    f(second batch | first batch before it), row 0, while other rows of the first batch are exchanged

Where row 0 of the next batch's outputs changes, examples of one batch reach other examples of the next. Where only the
row itself is carried on, as by a recurrent network that reads long texts in pieces, it may be meant.

Source: Karpathy 2019, A Recipe for Training Neural Networks ("use backprop to chart dependencies"), over batches.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from assay.checks.given.batches import count_examples, take_examples, tensors_in
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.pipeline import Pipeline
from assay.checks.given.work import FEW_STEPS, affordable_rows

CUDA_TOLERANCE = 1e-4  # sums on a GPU may be taken in another order


@dataclass(frozen=True)
class Carried:
    """How far a repeated evaluation moves the outputs, and whether other rows of the batch before reach a row."""

    difference: float
    crosses_rows: bool


def carried_state(pipeline: Pipeline) -> Carried | None:
    """Evaluate one copy twice; None where the second answer is the first."""
    batch = pipeline.examples(affordable_rows(pipeline, wanted=16, steps=FEW_STEPS))
    first, second = _passes(pipeline, batch, batch)
    difference = _apart(pipeline, first, second)
    if difference == 0.0:
        return None
    half = count_examples(batch) // 2
    if half < 2:
        return Carried(difference, crosses_rows=False)
    own = take_examples(batch, range(half))
    other = take_examples(batch, (0, *range(half, 2 * half - 1)))
    after = [_passes(pipeline, before, own)[1] for before in (own, other)]
    if any(len(tensor) != half for outputs in after for tensor in outputs):
        return Carried(difference, crosses_rows=False)
    rows = [[tensor[:1] for tensor in outputs] for outputs in after]
    return Carried(difference, crosses_rows=_apart(pipeline, rows[0], rows[1]) > 0.0)


def _passes(pipeline: Pipeline, *batches: Any) -> list[list[Tensor]]:
    """The outputs of one copy for each batch, in turn."""
    model, found = pipeline.evaluation_copy(), []
    with torch.no_grad():
        for batch in batches:
            pipeline.seed_for("carried state")
            outputs = pipeline.forward(model, batch)
            found.append([t.clone() for t in tensors_in(getattr(outputs, "logits", outputs)) if t.dim() > 0])
    if not all(found):
        raise CannotCheckError("the model returns no tensors that can be compared")
    return found


def _apart(pipeline: Pipeline, left: list[Tensor], right: list[Tensor]) -> float:
    """Largest difference, 0 when it is within what the device may do."""
    largest = 0.0
    for a, b in zip(left, right, strict=True):
        if a.shape != b.shape:
            return float("inf")
        if a.numel() == 0 or bool(((a == b) | (a != a)).all()):
            continue
        gap = float((a.double() - b.double()).abs().nan_to_num(nan=0.0).max())
        scale = float(a.double().abs().nan_to_num(nan=0.0).max())
        largest = max(largest, 0.0 if pipeline.device.type != "cpu" and gap <= CUDA_TOLERANCE * scale else gap)
    return largest
