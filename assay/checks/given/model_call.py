"""How a stranger's model is called, and which of the tensors that it returns is its output."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Mapping, MutableMapping
from typing import Any

import torch
from torch import Tensor, nn

from assay.checks.given.batches import map_tensors, tensors_in
from assay.checks.given.cannot_check import CannotCheckError


def call_model(model: nn.Module, inputs: Any) -> Any:
    """What the model returns; a forward that differentiates, as of energies and forces, gets gradients under no_grad.

    Its outputs are detached then, as those of others are.
    """
    try:
        return _called(model, inputs)
    except RuntimeError as error:
        if torch.is_grad_enabled() or "does not require grad" not in str(error):
            raise
    with torch.enable_grad():
        return map_tensors(torch.Tensor.detach, _called(model, inputs))


def _called(model: nn.Module, inputs: Any) -> Any:
    """A mapping goes in by the names that `forward` takes, or whole where it takes none; a sequence by position."""
    if isinstance(inputs, Mapping):
        parameters = inspect.signature(model.forward).parameters
        takes_all = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values())
        taken = {name: value for name, value in inputs.items() if takes_all or name in parameters}
        return model(**taken) if taken else model(inputs)
    if isinstance(inputs, (tuple, list)):
        return model(*inputs)
    return model(inputs)


def output_tensor(outputs: Any) -> Tensor:
    """`outputs` itself, its `logits`, or the first floating-point tensor in it."""
    tree = getattr(outputs, "logits", outputs)
    for tensor in tensors_in(tree):
        if tensor.is_floating_point() and tensor.dim() > 0:
            return tensor
    raise CannotCheckError(f"the model returns no floating-point tensor, but {type(outputs).__name__}")


def with_output_tensor(outputs: Any, tensor: Tensor) -> Any:
    """What the model returned, with `tensor` where `output_tensor` finds one.

    Raises:
        CannotCheckError: it is an object that keeps its tensors in a way of its own.
    """
    found = output_tensor(outputs)
    if isinstance(outputs, MutableMapping) and any(value is found for value in outputs.values()):
        changed = copy.copy(outputs)  # of its own type, which a loss may read by attributes
        for name, value in outputs.items():
            changed[name] = tensor if value is found else value
    elif isinstance(getattr(outputs, "logits", None), Tensor):
        changed = copy.copy(outputs)
        setattr(changed, "logits", tensor)  # noqa: B010 (a mapping too may have it)
    else:
        changed = map_tensors(lambda kept: tensor if kept is found else kept, outputs)
    if output_tensor(changed) is not tensor:
        raise CannotCheckError(f"no other tensor can be put into what the model returns ({type(outputs).__name__})")
    return changed
