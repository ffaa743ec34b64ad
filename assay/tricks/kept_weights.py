"""Copies of a network's weights under labels, in one plain dictionary that a checkpoint takes as it is.

keep(state, "3", model)        state["3/layer.weight"] = a copy of layer.weight, ...
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

Weights = dict[str, Tensor]

NOW = "now"
"""Label of the running copy that stands in until there is a first one to keep."""


@torch.no_grad()
def keep(state: Weights, label: str, model: nn.Module) -> None:
    """Copy the model's state under `label`, over what was there."""
    copy_into({f"{label}/{name}": value for name, value in model.state_dict().items()}, state)


@torch.no_grad()
def copy_into(weights: Mapping[str, Tensor], state: Weights) -> None:
    """Copy every tensor to its name in `state`; what is there already keeps its memory."""
    if all(name in state for name in weights):
        copies = [state[name] for name in weights]
        torch._foreach_copy_(copies, list(weights.values()))  # pyright: ignore[reportPrivateImportUsage]
    else:
        state.update({name: value.detach().clone() for name, value in weights.items()})


def forget(state: Weights, label: str) -> None:
    """Drop what is kept under `label`, if anything is."""
    for name in [name for name in state if name.startswith(f"{label}/")]:
        del state[name]


def kept(state: Mapping[str, Tensor], label: str) -> Weights:
    """The state dict that is kept under `label`."""
    start = f"{label}/"
    return {name.removeprefix(start): value for name, value in state.items() if name.startswith(start)}


def labels(state: Mapping[str, Tensor]) -> list[str]:
    """All labels, in the order in which they were first kept."""
    return list(dict.fromkeys(name.partition("/")[0] for name in state))


def only_now(state: Mapping[str, Tensor]) -> bool:
    """Whether there is still nothing but the running copy; it is the first to be kept, and the first to go."""
    return next(iter(state), "").startswith(f"{NOW}/")
