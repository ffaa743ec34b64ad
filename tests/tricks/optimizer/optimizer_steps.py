"""Several steps of an optimiser on one weight, for tests that compare them with a loop by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from assay.optimizers import OptimizerBuilder

Build = Callable[[list[dict[str, object]]], Optimizer]


def walk(builder: OptimizerBuilder | Build, start: Tensor, gradients: Sequence[Tensor]) -> Tensor:
    """The weight after one step for each gradient, in float64."""
    weight = nn.Parameter(start.double().clone())
    build = builder.build if isinstance(builder, OptimizerBuilder) else builder
    optimizer = build([{"params": [weight]}])
    for gradient in gradients:
        weight.grad = gradient.double().clone()
        optimizer.step()
    return weight.detach()


def walk_by_hand(step: Callable[..., Tensor], start: Tensor, gradients: Sequence[Tensor], **settings: float) -> Tensor:
    """The same by `step(weight, gradient, state, number from 1, **settings)`, an independent formula."""
    weight, state = start.double().clone(), {}
    for number, gradient in enumerate(gradients, start=1):
        weight = step(weight, gradient.double(), state, number, **settings)
    return weight


def example(*shape: int, steps: int = 4, seed: int = 0) -> tuple[Tensor, list[Tensor]]:
    """A first weight and a few gradients."""
    generator = torch.Generator().manual_seed(seed)
    start = torch.randn(*shape, generator=generator)
    return start, [torch.randn(*shape, generator=generator) for _ in range(steps)]
