"""Small learners for the tests of steppers."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer

from assay.loop import Batch, Learner, Moment
from assay.schedule import Clock
from assay.tricks.precision.mixed_precision import MixedPrecision


class Dots(nn.Module):
    """The dot product of each input with one weight vector, kept as a (1, inputs) matrix."""

    def __init__(self, *weights: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.tensor([weights], dtype=torch.float64))

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return inputs @ self.weight.T


def network(*, norm: bool = True, dropout: float = 0.5) -> nn.Module:
    """Linear, norm, dropout, linear; the same weights each time."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        middle = nn.BatchNorm1d(6) if norm else nn.Identity()
        return nn.Sequential(nn.Linear(4, 6), middle, nn.Tanh(), nn.Dropout(dropout), nn.Linear(6, 3))


def learner(
    model: nn.Module, *, rate: float = 0.1, dtype: str | None = None, optimizer: Optimizer | None = None, **slots: Any
) -> Learner:
    """The model under plain gradient descent (or another optimiser), in 16 bits if a `dtype` says so."""
    precision: dict[str, Any] = {}
    if dtype is not None:
        mixed = MixedPrecision(dtype)
        precision = {"autocast": lambda: mixed.autocast("cpu"), "scaler": mixed.make_scaler("cpu")}
    return Learner(model, optimizer or torch.optim.SGD(model.parameters(), lr=rate), **slots, **precision)


def batch(n: int = 12) -> Batch:
    generator = torch.Generator().manual_seed(1)
    return Batch(torch.randn(n, 4, generator=generator), torch.arange(n) % 3)


def moment(step: int = 0) -> Moment:
    return Moment(Clock(step, 10, 5), 0)


def weights(model: nn.Module) -> dict[str, torch.Tensor]:
    return {name: value.detach().clone() for name, value in model.state_dict().items()}


def same(first: nn.Module, second: nn.Module) -> bool:
    one, other = first.state_dict(), second.state_dict()
    return all(torch.equal(one[name], other[name]) for name in one)
