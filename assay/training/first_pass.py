"""The first forward pass of a training step, watched: what its layers give, and what its units do.

A step of several passes shows its first; batches that are prepared and losses that are computed are not the network's.
"""

from __future__ import annotations

import math
from typing import Any

from torch import Tensor, nn

from assay.monitors.signals import LAYERS
from assay.monitors.tracing import Operation, Tracing
from assay.monitors.units import Activity, UnitObserver

VALUES = 4096


class FirstPass:
    """The first forward pass inside the block.

    outputs: about `VALUES` values of each layer with weights. examples: of its batch.
    """

    def __init__(self, model: nn.Module) -> None:
        self.model, self.units = model, UnitObserver()
        self.outputs: dict[str, Tensor] = {}
        self.examples, self._over = 0, False
        self.tracing = Tracing(model, [self._see])

    @property
    def activities(self) -> list[Activity]:
        return self.units.activities

    def __enter__(self) -> FirstPass:
        self.tracing.__enter__()
        self._handle = self.model.register_forward_hook(self._end)
        return self

    def __exit__(self, *raised: Any) -> None:
        self._handle.remove()
        self.tracing.__exit__(*raised)

    def _see(self, operation: Operation) -> None:
        # Outside of the network batches are prepared and losses computed.
        if self._over or not self.tracing.running:
            return
        self.units(operation)
        if (operation.name in LAYERS or operation.name.startswith("conv")) and isinstance(operation.output, Tensor):
            self.outputs.setdefault(operation.module or operation.name, thin(operation.output))

    def _end(self, model: nn.Module, arguments: tuple[Any, ...], output: Any) -> None:
        if not self._over:
            self._over, self.examples = True, len(arguments[0]) if arguments else 0


def thin(values: Tensor) -> Tensor:
    """About `VALUES` evenly spaced values; the distance shares no factor with any axis, so that all places are seen."""
    flat = values.detach().flatten()
    stride = max(1, len(flat) // VALUES)
    while math.gcd(stride, len(flat)) > 1:
        stride += 1
    return flat[::stride].clone()
