"""Programs that are cheap enough for a test: three clusters, a small perceptron, six steps."""

from __future__ import annotations

from typing import Any

import torch
from faults.assembly import assemble
from faults.examples import Examples
from faults.parts import Parts
from faults.program import Program
from faults.tasks import classification
from torch import Tensor, nn


def network() -> nn.Module:
    """Nine inputs, three classes."""
    return nn.Sequential(nn.Linear(9, 16), nn.ReLU(), nn.Linear(16, 3))


def small_parts(**changes: Any) -> Parts:
    """A healthy classification of 48 training examples in batches of 16, two epochs."""
    labels = torch.arange(64) % 3
    points = torch.randn(64, 9, generator=torch.Generator().manual_seed(0)) * 0.5
    points[torch.arange(64), labels] += 2.0
    parts = Parts(
        domain="tables", traits=frozenset({"cross_entropy"}), task=classification(labels[48:], 3),
        train=Examples((points[:48],), labels[:48]), validation=Examples((points[48:],), labels[48:]),
        make_model=network, loss_fn=nn.CrossEntropyLoss(),
        make_optimizer=lambda model: torch.optim.SGD(model.parameters(), lr=0.1), epochs=2, batch_size=16,
    )  # fmt: skip
    return parts.but(**changes)


def small_program(*, causes: frozenset[str] = frozenset(), **changes: Any) -> Program:
    """The healthy program with some parts changed."""
    return assemble(small_parts(**changes), name="small", seed=0, causes=causes)


def clears_before_update(compute: Any) -> Any:
    """A step that throws its gradients away."""

    def step(model: nn.Module, batch: Any, optimizer: torch.optim.Optimizer) -> Tensor:
        loss = compute(model, batch)
        loss.backward()
        optimizer.zero_grad()
        optimizer.step()
        return loss.detach()

    return step
