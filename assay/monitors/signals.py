"""Signals: how large the outputs of each layer with weights are, in the order in which they are made.

Source: Glorot and Bengio 2010, section 4.2; He et al. 2015 (arXiv:1502.01852), section 2.2.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from torch import Tensor

from assay.monitors.magnitudes import Magnitudes, measure_magnitudes
from assay.monitors.tracing import Operation

LAYERS = frozenset({"linear", "addmm", "bilinear"})
ROUNDING = 1e-6  # of the outputs' size: less is what a constant output shows


@dataclass(frozen=True)
class Signal:
    """One layer's work on one batch.

    size_in: root mean square of its inputs. deviation: of its outputs about the mean of each unit, 0 where constant.
    """

    name: str
    size_in: float
    deviation: float
    magnitudes: Magnitudes


class SignalObserver:
    """Collects the `signals` of one forward pass, for `Tracing`."""

    def __init__(self) -> None:
        self.signals: list[Signal] = []
        self._calls: Counter[str] = Counter()

    def __call__(self, operation: Operation) -> None:
        if operation.name not in LAYERS and not operation.name.startswith("conv"):
            return
        given = operation.argument(1, "mat1") if operation.name == "addmm" else operation.operand
        if isinstance(given, Tensor) and isinstance(operation.output, Tensor) and operation.output.dim() > 1:
            self.signals.append(self._measure(operation, given.detach().float(), operation.output.detach().float()))

    def _measure(self, operation: Operation, given: Tensor, output: Tensor) -> Signal:
        name = operation.module or operation.name
        self._calls[name] += 1
        named = name if self._calls[name] == 1 else f"{name} ({self._calls[name]})"
        # About the mean of each unit: a bias is no signal.
        axis = output.dim() - 1 if operation.name in LAYERS else 1
        others = [dimension for dimension in range(output.dim()) if dimension != axis]
        deviation = float((output - output.mean(others, keepdim=True)).square().mean().sqrt())
        deviation = 0.0 if deviation <= ROUNDING * float(output.square().mean().sqrt()) else deviation
        return Signal(named, float(given.square().mean().sqrt()), deviation, measure_magnitudes(output))
