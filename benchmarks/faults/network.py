"""The shape that all drawn networks share: features, then a head."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from torch import Tensor, nn


class Network(nn.Module):
    """head(features(*inputs)).

    Several inputs may come one by one, as one tuple, by name or as one mapping: programs differ in it.
    """

    def __init__(self, features: nn.Module, head: nn.Module, names: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.features, self.head, self.names = features, head, names

    def forward(self, *inputs: Any, **named: Any) -> Any:
        return self.head(self.features(*spread(inputs, named, self.names)))


def spread(inputs: tuple[Any, ...], named: Mapping[str, Any], names: tuple[str, ...]) -> tuple[Any, ...]:
    """The inputs in order, however they were handed in."""
    if len(inputs) == 1 and isinstance(inputs[0], Mapping):
        inputs, named = (), inputs[0]
    if len(inputs) == 1 and isinstance(inputs[0], (tuple, list)):
        inputs = tuple(inputs[0])
    return (*inputs, *(named[name] for name in names if name in named))


class Apply(nn.Module):
    """A function as a module."""

    def __init__(self, function: Callable[[Tensor], Any]) -> None:
        super().__init__()
        self.function = function

    def forward(self, values: Any) -> Any:
        return self.function(values)


class Behind(nn.Module):
    """last(features(*inputs)): several inputs get through, as nn.Sequential would not let them."""

    def __init__(self, features: nn.Module, last: nn.Module) -> None:
        super().__init__()
        self.features, self.last = features, last

    def forward(self, *inputs: Tensor) -> Tensor:
        return self.last(self.features(*inputs))


def replace_modules(root: nn.Module, kind: type | tuple[type, ...], make: Callable[[nn.Module], nn.Module]) -> int:
    """Put make(module) in place of each module of that kind; returns how many there were."""
    count = 0
    for parent in list(root.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, kind):
                setattr(parent, name, make(child))
                count += 1
    return count


ACTIVATIONS = (nn.ReLU, nn.GELU, nn.SiLU, nn.LeakyReLU, nn.Tanh, nn.ELU, nn.SELU, nn.Sigmoid)
