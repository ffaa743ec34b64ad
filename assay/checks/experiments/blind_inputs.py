"""The same batch with nothing to see: its inputs at 0, but what tells the network where they are as it was.

Zero is no length, and a mask of zeros leaves no place to attend to. Where a network refuses inputs that are all 0, or
answers NaN, its lengths and masks are kept; where it still does, only floating-point inputs are set to 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from assay.checks.given.batches import COMPANION_NAMES, map_tensors, replace_inputs, split_batch, tensors_in
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.pipeline import Pipeline


def blind_batch(pipeline: Pipeline, batch: Any) -> tuple[Any, str]:
    """The batch without sight of its inputs, and what of them was kept, in words.

    Raises:
        CannotCheckError: the network takes none of them.
    """
    inputs = split_batch(batch)[0]
    forms: tuple[tuple[Callable[[Any], Any], str], ...] = (
        (lambda tree: map_tensors(torch.zeros_like, tree), ""),
        (_without_places, "lengths and masks kept"),
        (lambda tree: map_tensors(_zero_if_real, tree), "whole numbers kept"),
    )
    refusal = "its answers are not finite"
    for blind, kept in forms:
        made = replace_inputs(batch, blind(inputs))
        if kept and _is_as_given(inputs, split_batch(made)[0]):
            continue
        try:
            with torch.no_grad():
                outputs = list(tensors_in(pipeline.forward(pipeline.evaluation_copy(), made)))
        except Exception as error:  # a stranger's forward may raise anything
            refusal = f"{type(error).__name__}: {error}"
            continue
        if all(bool(torch.isfinite(output).all()) for output in outputs):
            return made, kept
    raise CannotCheckError(f"the network does not take inputs that are set to 0 ({refusal})")


def _without_places(inputs: Any) -> Any:
    """Zeros in place of all but masks, lengths and positions: by name, or as one whole number a row."""
    if isinstance(inputs, Mapping):
        return {name: value if name in COMPANION_NAMES else _without_places(value) for name, value in inputs.items()}
    return map_tensors(lambda tensor: tensor if _tells_places(tensor) else torch.zeros_like(tensor), inputs)


def _tells_places(tensor: Tensor) -> bool:
    return tensor.dtype == torch.bool or (tensor.dim() == 1 and not tensor.is_floating_point())


def _zero_if_real(tensor: Tensor) -> Tensor:
    return torch.zeros_like(tensor) if tensor.is_floating_point() else tensor


def _is_as_given(inputs: Any, made: Any) -> bool:
    return all(new is old for new, old in zip(tensors_in(made), tensors_in(inputs), strict=True))
