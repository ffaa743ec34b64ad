"""What updates of several passes share: the same dropout in each, statistics seen once, weights put back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn


@contextmanager
def draws_repeated(model: nn.Module) -> Iterator[None]:
    """After the block the global random state is that before it, so the next pass draws the same."""
    devices = sorted({p.device.index for p in model.parameters() if p.is_cuda})
    with torch.random.fork_rng(devices=devices):
        yield


Buffers = list[tuple[nn.Module, str, Tensor, Tensor]]
"""Of each buffer: its module, its name in it, the tensor itself and a copy of its value."""


def copy_buffers(model: nn.Module) -> Buffers:
    """All buffers of the network as they are now."""
    return [
        (module, name, buffer, buffer.clone())
        for module in model.modules()
        for name, buffer in module.named_buffers(recurse=False)
    ]


@torch.no_grad()
def put_back(buffers: Buffers) -> None:
    """Make the buffers what they were."""
    for module, name, buffer, value in buffers:
        buffer.copy_(value)
        setattr(module, name, buffer)


@contextmanager
def seen_again(model: nn.Module, before: Buffers) -> Iterator[None]:
    """Inside the block all buffers are as `before` the first pass, after it as that pass left them.

    So a second look at one batch is no second batch, and norms that use what they remember see it alike in both.
    """
    after = copy_buffers(model)
    put_back(before)
    try:
        yield
    finally:
        put_back(after)


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
