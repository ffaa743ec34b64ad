"""What updates of several passes share: the same dropout in each, statistics seen once, weights put back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import torch
from torch import nn


@contextmanager
def draws_repeated(model: nn.Module) -> Iterator[None]:
    """After the block the global random state is that before it, so the next pass draws the same."""
    devices = sorted({p.device.index for p in model.parameters() if p.is_cuda})
    with torch.random.fork_rng(devices=devices):
        yield


@contextmanager
def buffers_kept(model: nn.Module) -> Iterator[None]:
    """After the block all buffers are as before it: a second look at one batch is no second batch."""
    before = [
        (module, name, buffer, buffer.clone())
        for module in model.modules()
        for name, buffer in module.named_buffers(recurse=False)
    ]
    try:
        yield
    finally:
        with torch.no_grad():
            for module, name, buffer, value in before:
                buffer.copy_(value)
                setattr(module, name, buffer)


@contextmanager
def climbed(parameters: Iterable[nn.Parameter], radius: float) -> Iterator[None]:
    """Inside the block the weights are `radius` further along their joint gradient, after it where they were.

    weight + radius * gradient / norm of all gradients. A loss scale cancels; where the gradient is 0 nothing moves.
    """
    moved = [parameter for parameter in parameters if parameter.grad is not None]
    before = [parameter.detach().clone() for parameter in moved]
    with torch.no_grad():
        slopes = [parameter.grad for parameter in moved if parameter.grad is not None]
        norm = torch.linalg.vector_norm(torch.stack([torch.linalg.vector_norm(slope) for slope in slopes]))
        scale = torch.where(norm > 0, radius / norm, torch.zeros_like(norm))
        for parameter, slope in zip(moved, slopes, strict=True):
            parameter.add_(slope * scale)
    try:
        yield
    finally:
        with torch.no_grad():
            for parameter, value in zip(moved, before, strict=True):
                parameter.copy_(value)
