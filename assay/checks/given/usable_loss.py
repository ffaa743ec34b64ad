"""A loss that can be checked is called with outputs and targets, and gives a tensor."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from assay.errors import InputError


def refuse_wrong_call(name: str, function: Callable[..., Any], arguments: Sequence[str]) -> None:
    """Raises:
    TypeError: it cannot be called with these arguments.
    """
    try:
        # How a module is called tells nothing: it hands everything on to its forward.
        signature = inspect.signature(function.forward if isinstance(function, nn.Module) else function)
    except (TypeError, ValueError):  # written in C, which tells nothing
        return
    try:
        signature.bind(*arguments)
    except TypeError as error:
        told = ", ".join(arguments)
        raise TypeError(
            f"{name} must be called as {name}({told}), got a function of {signature}: {error}; wrap it, such as "
            f"lambda {told}: ..."
        ) from None


def refuse_wrong_result(loss_fn: Callable[..., Any], outputs: Any, targets: Any) -> None:
    """What the loss raises is no business of this, nor a number without a gradient: `parameters_trained` tells of it.

    Raises:
        InputError: it gives neither a tensor nor a number.
    """
    try:
        with torch.no_grad():
            loss = loss_fn(outputs, targets)
    except Exception:  # a stranger's loss may raise anything
        return
    if not isinstance(loss, (Tensor, int, float)):
        raise InputError(
            f"loss_fn must give one number as a tensor, got {type(loss).__name__} {loss!r:.60}; return the loss alone"
        )
