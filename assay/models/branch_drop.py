"""Where layers that drop or shake parts of a network go: in the `drop` of each residual block, or after a stage.

share of block l of L = l / L     with the linear rule, so that early blocks, which all others build on, rest least
                      = 1         with the uniform rule
"""

from __future__ import annotations

from collections.abc import Callable

from torch import nn

from assay.errors import InputError

RULES = ("linear", "uniform")


def residual_blocks(model: nn.Module) -> list[nn.Module]:
    """Blocks with a `branch` and a `drop`, in order.

    Raises:
        InputError: the model has none.
    """
    blocks = [module for module in model.modules() if hasattr(module, "branch") and hasattr(module, "drop")]
    if not blocks:
        raise InputError(
            f"model must have residual blocks with a branch and a drop, got {type(model).__name__} without any; "
            "use ResNet"
        )
    return blocks


def fill_drops(model: nn.Module, make: Callable[[float], nn.Module], *, probability: float, rule: str) -> nn.Module:
    """Put a layer, made for its block's probability, into every residual block; the last has the full one."""
    blocks = residual_blocks(model)
    for number, block in enumerate(blocks, start=1):
        share = number / len(blocks) if rule == "linear" else 1.0
        block.drop = make(probability * share)
    return model


def stages_of(model: nn.Module) -> list[nn.Sequential]:
    """The model's stages, by name, wherever they are wrapped.

    Raises:
        InputError: the model has none.
    """
    named = [(name.rpartition(".")[2], module) for name, module in model.named_modules()]
    stages = [part for name, part in named if name.startswith("stage") and isinstance(part, nn.Sequential)]
    if not stages:
        raise InputError(f"model must have stages called stage1, stage2 and so on, got {type(model).__name__}")
    return stages
