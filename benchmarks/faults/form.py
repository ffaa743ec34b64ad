"""How a batch is laid out: pairs, or mappings under the names that people use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from torch import Tensor


@dataclass(frozen=True)
class Form:
    """Names of the inputs and of the target in a mapping; without names, pairs of inputs and targets.

    Several inputs without names are a tuple in the pair's first place.
    """

    inputs: tuple[str, ...] = ()
    target: str = ""

    def pack(self, inputs: tuple[Any, ...], target: Any) -> Any:
        """One example, or one batch, in this form."""
        if self.inputs:
            return {**dict(zip(self.inputs, inputs, strict=True)), self.target: target}
        return (inputs[0] if len(inputs) == 1 else inputs), target

    def unpack(self, batch: Any) -> tuple[tuple[Tensor, ...], Tensor]:
        """Inputs, always a tuple, and targets."""
        if self.inputs:
            return tuple(batch[name] for name in self.inputs), batch[self.target]
        inputs, target = batch[0], batch[1]
        return (tuple(inputs) if isinstance(inputs, (tuple, list)) else (inputs,)), target
