"""Backward passes that the user has written, and whether one only multiplies the gradient by a number.

    scales: gradient of the input = factor * gradient of the output, as a reversal (factor < 0) does on purpose

Source: PyTorch documentation of torch.autograd.Function and of Node.register_hook.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor


def custom_functions(loss: Tensor) -> Iterator[Any]:
    """The nodes of the graph whose backward the user has written."""
    waiting, seen = [loss.grad_fn], set()
    while waiting:
        node = waiting.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        if isinstance(node, torch.autograd.function.BackwardCFunction):
            yield node
        waiting += [following for following, _ in node.next_functions]


def watched_scales(custom: list[Any]) -> list[bool]:
    """For each custom function, filled during backward: whether it only multiplies the gradient by a constant."""
    scales: list[bool] = []

    def watch(inputs: tuple[Any, ...], outputs: tuple[Any, ...]) -> None:
        pairs = [(a, b) for a in inputs for b in outputs if isinstance(a, Tensor) and isinstance(b, Tensor)]
        scales.append(any(a.shape == b.shape and _is_multiple(a, b) for a, b in pairs))

    for node in custom:
        node.register_hook(watch)
    return scales


def _is_multiple(left: Tensor, right: Tensor) -> bool:
    size = float((right * right).sum())
    if size == 0.0:
        return not bool(left.any())
    factor = float((left * right).sum()) / size
    return bool(torch.allclose(left, factor * right, rtol=1e-6, atol=1e-12 * math.sqrt(size)))
