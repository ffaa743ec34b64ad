"""Units: which are dead (0 for every example) and which are saturated (at the ends of their range).

A unit is a channel: the last axis after a linear layer, the second after a convolution. Activations are found by the
function that is called, as a module or not; those of plain data, before any layer with weights, do not count.

    dead      |a| <= 1e-6 for all examples and positions, after relu and its like
    saturated within 1 % of the range of an end, after tanh, sigmoid and their like

Source: Karpathy 2016, CS231n notes, neural networks 1 ("dead" ReLUs); Glorot and Bengio 2010, section 3.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from assay.monitors.tracing import Operation

RECTIFIERS = frozenset({"relu", "relu_", "relu6", "threshold", "gelu", "silu", "mish", "hardswish", "clamp", "clamp_"})
RANGES = {
    "tanh": (-1.0, 1.0), "tanh_": (-1.0, 1.0), "sigmoid": (0.0, 1.0), "sigmoid_": (0.0, 1.0),
    "hardsigmoid": (0.0, 1.0), "hardtanh": (-1.0, 1.0),
}  # fmt: skip
LAST_AXIS = frozenset({"linear", "matmul", "__matmul__", "addmm", "mm", "bmm", "bilinear", "einsum", "layer_norm"})
SILENT, END = 1e-6, 0.01


@dataclass(frozen=True)
class Activity:
    """What the units of one activation did over one or more passes.

    alive: for each unit, whether it was anything but 0; None where the function has no such end.
    saturated: share of all values near an end of the range; None where there is no range.
    """

    name: str
    function: str
    alive: Tensor | None
    saturated: float | None
    passes: int = 1

    @property
    def dead(self) -> int:
        return 0 if self.alive is None else int((~self.alive).sum())

    @property
    def units(self) -> int:
        return 0 if self.alive is None else len(self.alive)


class UnitObserver:
    """Collects the `activities` of one forward pass, for `Tracing`. is_over: whoever asked has read them."""

    def __init__(self) -> None:
        self.activities: list[Activity] = []
        self.is_over = False
        self._axis: int | None = None
        self._calls: Counter[str] = Counter()

    def __call__(self, operation: Operation) -> None:
        axis, output = _unit_axis(operation), operation.output
        if axis is not None:
            self._axis = axis
        elif self._axis is not None and _is_activation(operation) and isinstance(output, Tensor) and output.dim() > 1:
            self.activities.append(self._measure(operation, output.detach(), self._axis))

    def _measure(self, operation: Operation, values: Tensor, axis: int) -> Activity:
        name = f"{operation.module} {operation.name.strip('_')}".strip()
        self._calls[name] += 1
        named = name if self._calls[name] == 1 else f"{name} ({self._calls[name]})"
        if operation.name in RANGES:
            low, high = RANGES[operation.name]
            edge = END * (high - low)
            return Activity(
                named, operation.name, None, float(((values < low + edge) | (values > high - edge)).float().mean())
            )
        others = [dimension for dimension in range(values.dim()) if dimension != axis % values.dim()]
        alive = values.abs().amax(others) > SILENT if values.numel() else torch.ones(0, dtype=torch.bool)
        return Activity(named, operation.name, alive.cpu(), None)


def _unit_axis(operation: Operation) -> int | None:
    if operation.name in LAST_AXIS:
        return -1
    return 1 if operation.name.startswith("conv") and "tbc" not in operation.name else None


def _is_activation(operation: Operation) -> bool:
    """Of the clamps, those that cut at 0 only."""
    if not operation.name.startswith("clamp"):
        return operation.name in RANGES or operation.name in RECTIFIERS
    low: Any = operation.argument(1, "min")
    return operation.name in RECTIFIERS and isinstance(low, (int, float)) and low == 0


def merge(first: tuple[Activity, ...], second: tuple[Activity, ...]) -> tuple[Activity, ...]:
    """Two passes of one network as one: a unit is alive that was so in either.

    A network that took another path the second time keeps the activities that both have in common.
    """
    others = {activity.name: activity for activity in second}
    return tuple(_both(one, others[one.name]) for one in first if one.name in others and _fit(one, others[one.name]))


def _fit(one: Activity, other: Activity) -> bool:
    return (one.alive is None) == (other.alive is None) and one.units == other.units


def _both(one: Activity, other: Activity) -> Activity:
    passes = one.passes + other.passes
    if one.alive is not None and other.alive is not None:
        return Activity(one.name, one.function, one.alive | other.alive, None, passes)
    share = ((one.saturated or 0.0) * one.passes + (other.saturated or 0.0) * other.passes) / passes
    return Activity(one.name, one.function, None, share, passes)
