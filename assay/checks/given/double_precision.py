"""Batches and losses in double precision, in which exact properties can be told from rounding."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from torch import Tensor, nn

from assay.checks.given.batches import map_tensors


def in_double(tree: Any) -> Any:
    """The same tree with floating-point numbers in double precision; whole numbers and masks stay."""
    return map_tensors(_double, tree)


def loss_in_double(loss_fn: Callable[..., Any]) -> Callable[..., Any]:
    """A copy with its weights in double precision, where the loss is a module; else the loss itself."""
    return copy.deepcopy(loss_fn).double() if isinstance(loss_fn, nn.Module) else loss_fn


def _double(tensor: Tensor) -> Tensor:
    return tensor.double() if tensor.is_floating_point() else tensor
