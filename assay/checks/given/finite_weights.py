"""NaN or infinity among the weights that are given: no training leads out of it, and every other alarm is its echo."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class BrokenWeights:
    """A parameter or buffer with values that are not finite; `place` is the index of the first of them."""

    name: str
    count: int
    size: int
    place: tuple[int, ...]


def not_finite_weights(model: nn.Module) -> tuple[BrokenWeights, ...]:
    """Those among parameters and buffers, in the order of the model. A mask of 0 and -infinity is no weight."""
    found = []
    for name, tensor in [*model.named_parameters(), *model.named_buffers()]:
        bad = ~torch.isfinite(tensor.detach())
        if not bool(bad.any()) or bool(((tensor == 0) | (tensor == -torch.inf)).all()):
            continue
        place = tuple(torch.nonzero(bad)[0].tolist())
        found.append(BrokenWeights(name, int(bad.sum()), tensor.numel(), place))
    return tuple(found)


def are_to_blame(model: nn.Module, answers: Callable[[nn.Module], Iterable[Tensor]]) -> bool:
    """Whether the answers of a copy are not finite with these weights, and finite with 0 in their place.

    Args:
        model: a copy, which is changed.
    """
    if _are_finite(answers(model)):
        return False
    with torch.no_grad():
        for tensor in [*model.parameters(), *model.buffers()]:
            tensor.copy_(torch.where(torch.isfinite(tensor), tensor, torch.zeros_like(tensor)))
    return _are_finite(answers(model))


def _are_finite(tensors: Iterable[Tensor]) -> bool:
    return all(bool(torch.isfinite(tensor).all()) for tensor in tensors)
