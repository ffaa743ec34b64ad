"""A model that can be checked can be copied: copies are trained, so that it stays as it is."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from assay.errors import InputError

SHOWN = 3


def copy_of_model(model: nn.Module, memo: dict[Any, Any] | None = None) -> nn.Module:
    """A copy that may be trained.

    Args:
        memo: what copy.deepcopy has copied already; afterwards it knows the parameters too, for an optimiser's copy.

    Raises:
        InputError: names the attributes that cannot be copied, and what to do about them.
    """
    memo = {} if memo is None else memo
    try:
        with torch.no_grad():  # a scripted module would copy its parameters as a step of its gradients
            copied = copy.deepcopy(model, memo)
    except Exception as error:  # a stranger's __deepcopy__ or __reduce__ may raise anything
        found = list(_uncopied_attributes(model))
        told = f"of {_names([f'{name} ({_kind(value)})' for name, value in found])}" if found else "of itself"
        raise InputError(
            f"model: it must be one that copy.deepcopy copies, for the checks train copies of it; because {told} it "
            f"raised {type(error).__name__}: {str(error).split('. ')[0]:.120}; {_remedy([value for _, value in found])}"
        ) from error
    for given, made in zip(model.parameters(), copied.parameters(), strict=True):
        if memo.get(id(given)) is not made:  # a scripted module, which copies them by itself
            memo[id(given)] = made.requires_grad_(given.requires_grad)
    return copied


def _uncopied_attributes(model: nn.Module) -> Iterator[tuple[str, Any]]:
    """What the modules hold beside modules, by its full name, as far as it cannot be copied by itself."""
    for prefix, module in model.named_modules():
        held = {**vars(module), **module._parameters, **module._buffers}
        for name, value in held.items():
            if name in ("_modules", "_parameters", "_buffers"):
                continue
            try:
                copy.deepcopy(value)
            except Exception:
                yield f"{prefix}.{name}" if prefix else name, value


def _remedy(values: Sequence[Any]) -> str:
    if values and all(isinstance(value, Tensor) for value in values):
        return "keep it by .detach(), or return it from forward instead of keeping it"
    return "keep it outside of the module, or leave it out in __getstate__ and make it again in __setstate__"


def _kind(value: Any) -> str:
    if isinstance(value, Tensor):
        return "a tensor with a history of gradients"
    return type(value).__qualname__ if type(value).__module__ == "builtins" else _full_name(type(value))


def _full_name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _names(names: Sequence[str]) -> str:
    return ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")
