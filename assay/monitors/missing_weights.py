"""A model whose weights are not there yet: lazy layers before their first batch, and the meta device.

Source: PyTorch documentation, torch.nn.modules.lazy and "Meta device".
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn
from torch.nn.parameter import is_lazy

from assay.errors import InputError

SHOWN = 3


def refuse_model_without_weights(model: nn.Module) -> None:
    """Raises:
    InputError: parameters or buffers have no shape yet (lazy layers), or no values (the meta device).
    """
    tensors = [*model.named_parameters(), *model.named_buffers()]
    lazy = [name for name, tensor in tensors if is_lazy(tensor)]
    if lazy:
        raise InputError(
            f"model: its weights must be there, got {len(lazy)} without a shape, as lazy layers have them before their "
            f"first batch ({_names(lazy)}); call the model on one batch, and make the optimizer after that"
        )
    empty = [name for name, tensor in tensors if tensor.is_meta]
    if empty:
        raise InputError(
            f"model: its weights must be there, got {len(empty)} on the meta device, which holds shapes only "
            f"({_names(empty)}); give them a place by model.to_empty(device='cpu'), initialise or load them, and make "
            "the optimizer after that"
        )


def _names(names: Sequence[str]) -> str:
    return ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")
