"""Where NaN and infinity are born: the first operation that makes them out of finite numbers.

Source: PyTorch documentation, torch.autograd.set_detect_anomaly, which tells the same of the backward pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from assay.monitors.tracing import Operation


@dataclass(frozen=True)
class Birth:
    """The module and the operation ("log") that were first to give NaN or infinity.

    broken_parameter: it did so because a parameter it used was broken already.
    """

    module: str
    operation: str
    broken_parameter: bool


class BirthObserver:
    """Finds the first `birth` in a forward pass, for `Tracing`; masks of minus infinity are made on purpose."""

    def __init__(self) -> None:
        self.birth: Birth | None = None

    def __call__(self, operation: Operation) -> None:
        if self.birth is not None or operation.name in PURPOSEFUL or not broken_tensors(operation.output):
            return
        given = [*_tensors(operation.arguments), *_tensors(operation.named)]
        if not any(broken_tensors(value) for value in given if not isinstance(value, nn.Parameter)):
            broken_parameter = any(broken_tensors(value) for value in given if isinstance(value, nn.Parameter))
            self.birth = Birth(operation.module, operation.name, broken_parameter)


PURPOSEFUL = frozenset(
    {"masked_fill", "masked_fill_", "full", "full_like", "fill_", "where", "zero_", "empty", "empty_like"}
)


def nearest_broken_gradient(named: Iterable[tuple[str, nn.Parameter]]) -> str | None:
    """The last parameter, in the order of the model, whose gradient is not finite: the birth lies just behind it."""
    broken = [name for name, parameter in named if parameter.grad is not None and broken_tensors(parameter.grad)]
    return broken[-1] if broken else None


def broken_tensors(value: Any) -> bool:
    """Whether any floating-point tensor of nested mappings and sequences holds NaN or infinity."""
    return any(not bool(tensor.isfinite().all()) for tensor in _tensors(value) if _can_break(tensor))


def gives_no_number(value: Any) -> bool:
    """Whether any tensor holds NaN, or a row without one finite number; minus infinity elsewhere may be a mask."""
    return any(_gives_no_number(tensor) for tensor in _tensors(value) if _can_break(tensor))


def _gives_no_number(tensor: Tensor) -> bool:
    is_table = tensor.dim() > 1 and tensor.shape[-1] > 1
    return bool(tensor.isnan().any()) or (is_table and bool((~tensor.isfinite()).all(-1).any()))


def _can_break(tensor: Tensor) -> bool:
    return tensor.is_floating_point() and not tensor.is_meta and not tensor.is_sparse


def _tensors(tree: Any) -> Iterator[Tensor]:
    if isinstance(tree, Tensor):
        yield tree
    elif isinstance(tree, Mapping):
        for value in tree.values():
            yield from _tensors(value)
    elif isinstance(tree, (tuple, list)):
        for value in tree:
            yield from _tensors(value)
