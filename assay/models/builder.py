"""What an architecture is: a frozen dataclass of plain values that builds a network."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from torch import nn


@runtime_checkable
class ModelBuilder(Protocol):
    """Builds the same architecture for any input shape; weights come from torch's global state."""

    def build(self, input_shape: tuple[int, ...], num_outputs: int) -> nn.Module:
        """A fresh network from (batch, *input_shape) to (batch, num_outputs)."""
        ...
