"""The training loop. There is no other.

It yields one `Step` after every optimiser update; logging, stopping, checkpoints and progress bars
are the caller's own `for`. Everything it does is on this page, and a slot the recipe leaves empty
costs one test for emptiness.

    for step in training_steps(learner, batches, range(total_steps), steps_per_epoch=100, seed=0):
        print(step.number, float(step.loss))
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from assay.losses import CrossEntropy, LossFunction
from assay.optimizers import set_momentum
from assay.randomness import scoped_seed
from assay.recipe import GradientEdit, LossEdit
from assay.schedule import Clock, Schedule


class Batch(NamedTuple):
    """What the network sees: inputs, and class indices or one target distribution per row."""

    inputs: Tensor
    targets: Tensor


class Step(NamedTuple):
    """One finished optimiser update. number: counted from 0. loss: detached, before the update."""

    number: int
    loss: Tensor
    learning_rate: float


@dataclass(eq=False)
class Learner:
    """The objects a training changes, and how: any PyTorch model and optimiser will do."""

    model: nn.Module
    optimizer: Optimizer
    loss: LossFunction = field(default_factory=CrossEntropy)
    loss_edits: tuple[LossEdit, ...] = ()
    gradient_edits: tuple[GradientEdit, ...] = ()
    learning_rate_schedule: Schedule | None = None
    learning_rate_warmup: Schedule | None = None
    momentum_schedule: Schedule | None = None
    autocast: Callable[[], AbstractContextManager[Any]] = nullcontext
    scaler: torch.amp.GradScaler | None = None
    average: Any = None
    average_state: Any = None
    stepper: Stepper | None = None

    def __post_init__(self) -> None:
        self.parameters = [p for group in self.optimizer.param_groups for p in group["params"]]
        for group in self.optimizer.param_groups:
            group.setdefault("base_learning_rate", group["lr"])
            group.setdefault("base_momentum", group["betas"][0] if "betas" in group else group.get("momentum", 0.0))


Stepper = Callable[[Learner, Batch], Tensor]
"""One optimiser update on one batch; returns the detached loss. SAM's two passes are one of these."""


def training_steps(
    learner: Learner, batches: Iterable[Batch], steps: range, *, total_steps: int, steps_per_epoch: int, seed: int
) -> Iterator[Step]:
    """Train over `batches`, one for each number in `steps`, and yield after every update.

    Args:
        steps: the step numbers to run; starts above 0 when a run is resumed.
        total_steps: where schedules end, whether or not `steps` goes that far.
        seed: seeds layers that draw from torch's global state (dropout), by step.
    """
    update = learner.stepper or standard_step
    learner.model.train()
    for number, batch in zip(steps, batches, strict=False):
        rate = set_scheduled_values(learner, Clock(number, total_steps, steps_per_epoch))
        with scoped_seed(seed, "layers", number):
            loss = update(learner, batch)
        if learner.average is not None:
            learner.average_state = learner.average.update(learner.average_state, learner.model, number)
        yield Step(number, loss, rate)


def standard_step(learner: Learner, batch: Batch) -> Tensor:
    """Forward, backward, update."""
    loss = compute_loss(learner, batch)
    if learner.scaler is None:
        loss.backward()
        for edit in learner.gradient_edits:
            edit(learner.parameters)
        learner.optimizer.step()
    else:
        learner.scaler.scale(loss).backward()
        learner.scaler.unscale_(learner.optimizer)
        for edit in learner.gradient_edits:
            edit(learner.parameters)
        learner.scaler.step(learner.optimizer)
        learner.scaler.update()
    for parameter in learner.parameters:
        parameter.grad = None
    return loss.detach()


def compute_loss(learner: Learner, batch: Batch) -> Tensor:
    """Mean loss of the batch after the recipe's loss edits, under its precision."""
    with learner.autocast():
        outputs = learner.model(batch.inputs)
    # Losses of 16-bit outputs are summed in 32.
    loss = learner.loss(outputs.float() if outputs.dtype.itemsize < 4 else outputs, batch.targets)
    for edit in learner.loss_edits:
        loss = edit(loss)
    return loss


def set_scheduled_values(learner: Learner, clock: Clock) -> float:
    """Set every group's learning rate and momentum for this step; returns the first group's rate."""
    groups = learner.optimizer.param_groups
    if learner.learning_rate_schedule is not None or learner.learning_rate_warmup is not None:
        factor = learner.learning_rate_schedule(clock) if learner.learning_rate_schedule else 1.0
        factor *= learner.learning_rate_warmup(clock) if learner.learning_rate_warmup else 1.0
        for group in groups:
            group["lr"] = group["base_learning_rate"] * factor
    if learner.momentum_schedule is not None:
        factor = learner.momentum_schedule(clock)
        for group in groups:
            set_momentum(group, group["base_momentum"] * factor)
    return groups[0]["lr"]
