"""The training loop. There is no other.

It yields one `Step` after every optimiser update; logging, stopping, checkpoints and progress bars
are the caller's own `for`. Everything it does is on this page, and a slot the recipe leaves empty
costs one test for emptiness.

    for step in training_steps(learner, batches, clocks(range(1000), total_steps=1000, steps_per_epoch=100), seed=0):
        print(step.number, float(step.loss))
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from assay.errors import InputError
from assay.losses import CrossEntropy, LossFunction
from assay.optimizers import set_momentum
from assay.randomness import generator_for, scoped_seed
from assay.schedule import Clock, Schedule
from assay.slots import Average, Forward, GradientEdit, LossEdit, Penalty, WeightEdit


class Batch(NamedTuple):
    """What the network sees: inputs, and class indices or one target distribution per row."""

    inputs: Tensor
    targets: Tensor


class Moment(NamedTuple):
    """Where a step is, and the seed its random choices come from."""

    clock: Clock
    seed: int

    def generator(self, slot: str) -> torch.Generator:
        """A generator for one slot of this step; asked twice, it starts from the same state twice."""
        return generator_for(self.seed, slot, 0, self.clock.step)


class Step(NamedTuple):
    """One finished optimiser update. number: counted from 0. loss: detached, before the update."""

    number: int
    loss: Tensor
    learning_rate: float


@dataclass(frozen=True)
class Schedules:
    """What decides values of the optimiser over time; without a schedule, a value is left alone.

    learning_rate_warmup: multiplies the learning rate's schedule.
    """

    learning_rate: Schedule | None = None
    learning_rate_warmup: Schedule | None = None
    momentum: Schedule | None = None
    weight_decay: Schedule | None = None


@dataclass(eq=False)
class Learner:
    """The objects a training changes, and how: any PyTorch model and optimiser will do."""

    model: nn.Module
    optimizer: Optimizer
    loss: LossFunction = field(default_factory=CrossEntropy)
    loss_edits: tuple[LossEdit, ...] = ()
    penalties: tuple[Penalty, ...] = ()
    gradient_edits: tuple[GradientEdit, ...] = ()
    weight_edits: tuple[WeightEdit, ...] = ()
    weight_edit_states: list[dict[str, Tensor]] = field(default_factory=list)
    forward: Forward | None = None
    schedules: Schedules = Schedules()
    feedback_factor: float = 1.0
    autocast: Callable[[], AbstractContextManager[Any]] = nullcontext
    scaler: torch.amp.GradScaler | None = None
    skipped: bool = False
    average: Average | None = None
    average_state: Any = None
    stepper: Stepper | None = None

    def __post_init__(self) -> None:
        self.parameters = [p for group in self.optimizer.param_groups for p in group["params"]]
        for group in self.optimizer.param_groups:
            group.setdefault("base_learning_rate", group["lr"])
            group.setdefault("base_momentum", group["betas"][0] if "betas" in group else group.get("momentum", 0.0))
            group.setdefault("base_weight_decay", group.get("weight_decay", 0.0))
        if not self.weight_edit_states:
            self.weight_edit_states = [edit.start(self.model) for edit in self.weight_edits]


Stepper = Callable[[Learner, Batch, Moment], Tensor]
"""One optimiser update on one batch; returns the detached loss. SAM's two passes are one of these."""


def training_steps(learner: Learner, batches: Iterable[Batch], clocks: Iterable[Clock], *, seed: int) -> Iterator[Step]:
    """Train over `batches`, one at each moment of `clocks`, and yield after every update.

    Args:
        clocks: where each step lies in the training; starts above step 0 when a run is resumed.
        seed: seeds layers that draw from torch's global state (dropout), by step.
    Raises:
        InputError: there are fewer batches than clocks.
    """
    update = learner.stepper or standard_step
    learner.model.train()
    for clock, batch in with_batches(clocks, batches):
        groups, factor = learner.optimizer.param_groups, learner.feedback_factor
        rate = set_scheduled_values(groups, learner.schedules, clock, feedback_factor=factor)
        with scoped_seed(seed, "layers", clock.step):
            loss = update(learner, batch, Moment(clock, seed))
        edit_and_average(learner, clock)
        yield Step(clock.step, loss, rate)


def standard_step(learner: Learner, batch: Batch, moment: Moment) -> Tensor:
    """Forward, backward, update."""
    loss = compute_loss(learner, batch, moment)
    backward(learner, loss)
    update_weights(learner)
    return loss.detach()


def with_batches(clocks: Iterable[Clock], batches: Iterable[Batch]) -> Iterator[tuple[Clock, Batch]]:
    """Each moment with its batch; batches beyond the last moment are not asked for.

    Raises:
        InputError: the batches end first, where training would be shorter than its schedules believe.
    """
    source = iter(batches)
    for number, clock in enumerate(clocks):
        batch = next(source, None)
        if batch is None:
            ended = f"batches ended after {number}, before step {clock.step} of {clock.total_steps}"
            raise InputError(f"{ended}; give one for each clock")
        yield clock, batch


def edit_and_average(learner: Learner, clock: Clock) -> None:
    """What acts on the weights after an update; where that was skipped, only what is due at this moment."""
    for edit, state in zip(learner.weight_edits, learner.weight_edit_states, strict=True):
        if not learner.skipped or edit.at_moments:
            edit.edit(state, learner.model, clock)
    average = learner.average
    if average is not None and (not learner.skipped or average.at_moments):
        learner.average_state = average.update(learner.average_state, learner.model, clock)


def compute_loss(learner: Learner, batch: Batch, moment: Moment) -> Tensor:
    """Mean loss of the batch after the recipe's loss edits and penalties, under its precision."""
    inputs, targets = batch
    with learner.autocast():
        if learner.forward is None:
            outputs = learner.model(inputs)
        else:
            outputs, targets = learner.forward(
                learner.model, inputs, targets, moment.generator("forward"), moment.clock
            )
    # Losses of 16-bit outputs are summed in 32.
    outputs = outputs.float() if outputs.dtype.itemsize < 4 else outputs
    loss = learner.loss(outputs, targets)
    for edit in learner.loss_edits:
        loss = edit(loss)
    for penalty in learner.penalties:
        loss = loss + penalty(learner.model, inputs, outputs, targets)
    return loss


def backward(learner: Learner, loss: Tensor) -> None:
    """Add the loss's gradients to the parameters', scaled if the precision asks for it."""
    (loss if learner.scaler is None else learner.scaler.scale(loss)).backward()


def update_weights(learner: Learner) -> None:
    """Edit the gradients, update, and forget them; with a scaler, a step of infinite gradients is left out."""
    if learner.scaler is not None:
        learner.scaler.unscale_(learner.optimizer)
    for edit in learner.gradient_edits:
        edit(learner.parameters)
    if learner.scaler is None:
        learner.optimizer.step()
    else:
        scale = learner.scaler.get_scale()
        learner.scaler.step(learner.optimizer)
        learner.scaler.update()
        # The scaler says no other way that it left a step out.
        learner.skipped = learner.scaler.get_scale() < scale
    forget_gradients(learner)


def forget_gradients(learner: Learner) -> None:
    """Leave no gradient behind."""
    for parameter in learner.parameters:
        parameter.grad = None


def set_scheduled_values(
    groups: Sequence[dict[str, Any]], schedules: Schedules, clock: Clock, *, feedback_factor: float = 1.0
) -> float:
    """Set every group's learning rate, momentum and decay for this step; returns the first group's rate."""
    scheduled = schedules.learning_rate is not None or schedules.learning_rate_warmup is not None
    if scheduled or feedback_factor != 1.0:
        factor = schedules.learning_rate(clock) if schedules.learning_rate else 1.0
        factor *= schedules.learning_rate_warmup(clock) if schedules.learning_rate_warmup else 1.0
        factor *= feedback_factor
        for group in groups:
            group["lr"] = group["base_learning_rate"] * factor
    if schedules.momentum is not None:
        factor = schedules.momentum(clock)
        for group in groups:
            set_momentum(group, group["base_momentum"] * factor)
    if schedules.weight_decay is not None:
        factor = schedules.weight_decay(clock)
        for group in groups:
            group["weight_decay"] = group["base_weight_decay"] * factor
    return groups[0]["lr"]
