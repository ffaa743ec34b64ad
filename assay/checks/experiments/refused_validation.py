"""Does the network take validation inputs at all, as it takes as many training inputs?

Sizes decide what may be said: inputs of the same kind and number of axes that the network refuses end an evaluation by
an error. Inputs of another form, as ten crops of a picture, may be put right by an evaluation that is not seen here.

Source: PyTorch documentation of Linear and Embedding (the shapes and indices that they take).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from assay.checks.given.batches import count_examples, split_batch, take_examples, tensors_in
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.pipeline import Pipeline

Form = list[tuple[tuple[int, ...], str]]


@dataclass(frozen=True)
class RefusedValidation:
    """Shapes and types of training and validation inputs, one example each, and what the network raised."""

    training: Form
    validation: Form
    error: str

    @property
    def is_of_one_kind(self) -> bool:
        """Whether only sizes or values differ."""
        sides = [[(len(shape), kind) for shape, kind in side] for side in (self.training, self.validation)]
        return sides[0] == sides[1]


def refused_validation(pipeline: Pipeline) -> RefusedValidation | None:
    """The first validation batch, if the network raises on it and takes as many examples of training.

    Raises:
        CannotCheckError: there is no validation loader, or it gives no batch of examples.
    """
    if pipeline.val_loader is None:
        raise CannotCheckError("no val_loader was given")
    validation = next(iter(pipeline.val_loader), None)
    if validation is None:
        raise CannotCheckError("val_loader gives no batch")
    training = pipeline.batches[0]
    count = min(count_examples(training), count_examples(validation))
    sides = [take_examples(batch, range(count)) for batch in (training, validation)]
    if _refusal(pipeline, sides[0]):
        return None  # it is the number of examples that the network refuses
    error = _refusal(pipeline, sides[1])
    return RefusedValidation(_form(training), _form(validation), error) if error else None


def _refusal(pipeline: Pipeline, batch: Any) -> str:
    try:
        with torch.no_grad():
            pipeline.forward(pipeline.evaluation_copy(), batch)
    except Exception as error:  # a stranger's network may raise anything
        return f"{type(error).__name__}: {error}"
    return ""


def _form(batch: Any) -> Form:
    return [(tuple(t.shape[1:]), str(t.dtype).removeprefix("torch.")) for t in tensors_in(split_batch(batch)[0])]
