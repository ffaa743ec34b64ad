"""Weights that are recomputed from what is trained at every use: one more function between the two.

    module.weight = reshape(module.parametrizations.weight.original)

The trained tensor moves to `parametrizations.weight.original`; what sets `module.weight` in place after
that has no effect, so edits that set first weights come before.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from assay.errors import InputError

CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)


class InFullPrecision(nn.Module):
    """A function of weights that autocast must not turn to 16 bits, for its state is in 32."""

    def __init__(self, reshape: nn.Module) -> None:
        super().__init__()
        self.reshape = reshape

    def forward(self, weight: Tensor) -> Tensor:
        with torch.autocast(weight.device.type, enabled=False):
            return self.reshape(weight)


def weighted_layers(model: nn.Module, kinds: tuple[type[nn.Module], ...], by: str) -> list[nn.Module]:
    """The layers of these classes, in the network's order.

    Raises:
        InputError: there is none.
    """
    found = [module for module in model.modules() if isinstance(module, kinds)]
    if not found:
        names = " or ".join(kind.__name__ for kind in kinds)
        raise InputError(f"{by} needs a {names}, got {type(model).__name__} without any; take {by} out")
    return found


def reshape_weight(module: nn.Module, reshape: nn.Module) -> None:
    """Put `reshape` between the module's trained weight and its use."""
    parametrize.register_parametrization(module, "weight", InFullPrecision(reshape))
