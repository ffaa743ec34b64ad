"""Short trainings by the user's own step, optimiser and rate: what the loop itself can do in a few updates.

The rates are the highest that the schedule reaches, after a ramp where the schedule has one, times a factor.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import torch
from torch import nn
from torch.optim.lr_scheduler import ReduceLROnPlateau

from assay.checks.experiments.schedule_run import planned_steps, simulate
from assay.checks.experiments.short_training import measure
from assay.checks.experiments.updates import MOST_CALLS
from assay.checks.given.batches import count_examples, take_examples
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.pipeline import Pipeline, Trial
from assay.checks.given.work import is_light
from assay.randomness import generator_for

PART, EXAMPLES, UPDATES = 32, 192, 40
LARGE_PART, LARGE_EXAMPLES, LARGE_UPDATES, LARGE_POINTS = 8, 16, 8, 2
UNKNOWN_LENGTH = 1000


@dataclass(frozen=True)
class OwnRun:
    """Losses on the trained and on the held examples after each measured update; the copy that was trained."""

    updates: tuple[int, ...]
    losses: tuple[float, ...]
    held: tuple[float, ...]
    model: nn.Module

    @property
    def best(self) -> float:
        """The lowest loss on the trained examples after the first update; infinite where there is none."""
        return min((loss for loss in self.losses[1:] if math.isfinite(loss)), default=math.inf)

    @property
    def best_held(self) -> float:
        return min((loss for loss in self.held[1:] if math.isfinite(loss)), default=math.inf)


@dataclass(frozen=True)
class Material:
    """What short trainings train on: `parts`, one for each call of the step, all of them, and examples held out."""

    parts: tuple[Any, ...]
    trained: Any
    held: Any
    updates: int


def material(pipeline: Pipeline) -> Material:
    """Three quarters of the sampled examples in parts of at most 32 to train on, the rest held out.

    Raises:
        CannotCheckError: fewer than 8 examples were sampled.
    """
    light = is_light(pipeline)
    part, most = (PART, EXAMPLES) if light else (LARGE_PART, LARGE_EXAMPLES)
    everything = pipeline.examples(most + most // 3)
    size = count_examples(everything)
    if size < 8:
        raise CannotCheckError("needs at least 8 examples")
    cut = size - size // 4
    rows = [tuple(range(first, min(first + part, cut))) for first in range(0, cut, part)]
    rows = [row for row in rows if len(row) > 1]  # batch norm needs more than one example
    return Material(
        tuple(take_examples(everything, row) for row in rows), take_examples(everything, range(cut)),
        take_examples(everything, range(cut, size)), UPDATES if light else LARGE_UPDATES,
    )  # fmt: skip


def peak_rates(pipeline: Pipeline) -> tuple[tuple[float, ...], bool]:
    """The highest rate of each parameter group in the planned training, and whether a ramp leads to it.

    Raises:
        CannotCheckError: the optimiser has no learning rate.
    """
    groups = pipeline.optimizer.param_groups
    if any("lr" not in group for group in groups):
        raise CannotCheckError("the optimiser has no learning rate")
    now = tuple(float(group["lr"]) for group in groups)
    if pipeline.scheduler is None or isinstance(pipeline.scheduler, ReduceLROnPlateau):
        if not any(now):
            now = tuple(float(group.get("initial_lr", 0.0)) for group in groups)
        return now, False
    try:
        steps = planned_steps(pipeline, pipeline.scheduler_interval)
    except CannotCheckError:
        steps = UNKNOWN_LENGTH
    rates, _ = simulate(pipeline, steps)
    peaks = tuple(max(group) for group in zip(*rates, strict=True))
    return peaks, any(first < 0.5 * peak for first, peak in zip(rates[0], peaks, strict=True))


def train_own(
    pipeline: Pipeline,
    *,
    updates: int | None = None,
    rate_factor: float = 1.0,
    decay_factor: float = 1.0,
    epsilon: float | None = None,
    seed: int = 0,
    points: int = 6,
    plain_rate: float | None = None,
    plain_step: bool = False,
    edit: Callable[[nn.Module], None] = lambda model: None,
    enough: Callable[[float], bool] = lambda loss: False,
) -> OwnRun:
    """Train a copy by the user's own step at a multiple of its own rate.

    Args:
        updates: of the weights; the usual number for a network of this size if None.
        decay_factor: what the weight decay of each group is multiplied by.
        epsilon: replaces that of each group.
        plain_rate: trains by the plain step with a fresh Adam at this rate and without dropout instead.
        plain_step: trains by the plain step, with the user's own optimiser.
        edit: changes the copy before it is trained, in place.
        seed: of all that is drawn, and of which examples meet in a part, from 1 on.
        points: how often the losses are measured.
        enough: ends the training early once it holds for the loss on the trained examples.
    """
    given, (peaks, ramps) = pipeline.once(material), pipeline.once(peak_rates)
    updates, points = updates or given.updates, points if is_light(pipeline) else LARGE_POINTS
    pipeline.seed_for(f"own training {seed}")
    own, own_step = plain_rate is None, plain_rate is None and not plain_step
    trial = pipeline.trial(adam_learning_rate=plain_rate, dropout=own, own_step=own_step)
    trial.scheduler = None
    edit(trial.model)
    if plain_rate is not None:
        peaks, ramps = (plain_rate,), False
    _alter(trial, decay_factor, epsilon)
    at, losses, held = [0], [measure(pipeline, trial.model, given.trained)], [_held(pipeline, trial, given)]
    counter = CallCounter(trial, _parts(given, seed))
    for update in range(1, updates + 1):
        share = min(1.0, 2 * update / updates) if ramps else 1.0
        set_rates(trial, [peak * rate_factor * share for peak in peaks])
        counter.update()
        if update % max(1, updates // points) == 0 or update == updates:
            at.append(update)
            losses.append(measure(pipeline, trial.model, given.trained))
            held.append(_held(pipeline, trial, given))
            if not math.isfinite(losses[-1]) or enough(losses[-1]):
                break
    return OwnRun(tuple(at), tuple(losses), tuple(held), trial.model)


def _alter(trial: Trial, decay_factor: float, epsilon: float | None) -> None:
    """Change what the optimiser of a copy keeps beside its rates, in every parameter group."""
    for group in trial.optimizer.param_groups:
        if "weight_decay" in group:
            group["weight_decay"] = group["weight_decay"] * decay_factor
        if epsilon is not None:
            group["eps"] = epsilon


def _parts(given: Material, seed: int) -> tuple[Any, ...]:
    """The parts, and for other seeds than 0 the same examples in parts of another order: trainings that draw nothing
    would be one and the same.
    """
    if seed == 0:
        return given.parts
    sizes = [count_examples(part) for part in given.parts]
    order = torch.randperm(sum(sizes), generator=generator_for(seed, "parts")).tolist()
    ends = list(accumulate(sizes))
    return tuple(take_examples(given.trained, order[end - size : end]) for size, end in zip(sizes, ends, strict=True))


def own_run(pipeline: Pipeline) -> OwnRun:
    """The training as it is: own step, own optimiser, own peak rate; look at it with `pipeline.once`."""
    return train_own(pipeline)


def set_rates(trial: Trial, rates: Sequence[float]) -> None:
    """Give each parameter group its rate, in the form that the optimiser keeps it in."""
    for group, rate in zip(trial.optimizer.param_groups, rates, strict=True):
        if isinstance(group["lr"], torch.Tensor):
            group["lr"].fill_(rate)
        else:
            group["lr"] = rate


class CallCounter:
    """Calls the training step on one part after the other until the optimiser has made an update."""

    def __init__(self, trial: Trial, parts: Sequence[Any]) -> None:
        self.trial, self.parts, self.calls, self.made = trial, parts, 0, 0
        register = getattr(trial.optimizer, "register_step_post_hook", None)
        self.tells = register is not None
        if register is not None:
            register(self._count)

    def _count(self, *_: Any) -> None:
        self.made += 1

    def update(self) -> None:
        """One more update; a step whose optimiser does not tell is taken to make one at each call."""
        before = self.made
        for _ in range(MOST_CALLS):
            self.trial.step(self.parts[self.calls % len(self.parts)])
            self.calls += 1
            if self.made > before or not self.tells:
                return
        raise CannotCheckError(f"training_step made no update of the weights within {MOST_CALLS} calls")


def _held(pipeline: Pipeline, trial: Trial, given: Material) -> float:
    return measure(pipeline, trial.model, given.held)
