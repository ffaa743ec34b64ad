"""A recipe's own training as the objects that `verify` takes: what will be trained is what is checked.

    report = verify_recipe(recipe, data, device=device)

Network, device, batches, precision, edits and schedules are those of `Training`; only the rates of an experiment's
own optimiser are the experiment's.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import torch
from jaxtyping import Int
from torch import Tensor, nn
from torch.optim import Optimizer

from assay.checks.verify import make_pipeline, run_checks
from assay.data.data import Data
from assay.data.loader import raw_batches
from assay.data.specification import Specification
from assay.data.split import Split
from assay.finding import Report
from assay.loop import Batch, Learner, Schedules, set_scheduled_values, training_steps
from assay.recipe import Recipe
from assay.schedule import Clock
from assay.training.feed import EpochLoader, Feed, training_targets
from assay.training.train import Training

ClockAt = Callable[[int], Clock]


def verify_recipe(
    recipe: Recipe, data: Data, *, seed: int = 0, device: torch.device | None = None, budget_seconds: float = 60
) -> Report:
    """Verify the training of this recipe, from its loader to its optimiser's step."""
    begin = time.monotonic()
    training = Training(recipe, data, seed=seed, device=device)
    learner, whole = training.learner, WholeSplit(data.train, data.specification, recipe.batch_size)
    clock_at = training.feed.timetable.clock
    scheduled = recipe.learning_rate_schedule or recipe.learning_rate_warmup
    pipeline = make_pipeline(
        learner.model, EpochLoader(training.feed), recipe.loss, learner.optimizer,
        val_loader=WholeSplit(data.validation, data.specification, recipe.batch_size),
        training_step=RecipeStep(recipe, learner, clock_at, seed),
        scheduler=RecipeSchedule(learner, clock_at) if scheduled else None,
        epochs=training.total_steps / len(whole), seed=seed,
    )  # fmt: skip
    # What an epoch drops with its last, smaller batch is trained on in another, so no split may share it.
    drawn = partial(epoch_order, training.feed)
    return run_checks(replace(pipeline, train_loader=whole, order_of=drawn), begin + budget_seconds)


def epoch_order(feed: Feed, epoch: int) -> Int[Tensor, " n"]:
    """Each example once in the order of this epoch; what a sampler leaves out comes last."""
    return torch.tensor(list(dict.fromkeys([*feed.order(epoch).tolist(), *range(len(feed.split))])))


@dataclass(frozen=True, eq=False)
class WholeSplit:
    """Every example of a split once, in order, as validation sees it: normalised, and no last batch dropped."""

    split: Split
    specification: Specification
    batch_size: int

    def __len__(self) -> int:
        return math.ceil(len(self.split) / self.batch_size)

    def __iter__(self) -> Iterator[Batch]:
        targets = training_targets(self.split.targets, self.specification)
        chosen = torch.arange(len(self.split)).split(self.batch_size)
        for indices, inputs in zip(chosen, raw_batches(self.split, chosen), strict=True):
            yield Batch(self.specification.normalization(inputs), targets[indices])


class RecipeStep:
    """training_step(model, batch, optimizer) -> loss: the loop itself, on whatever copies it is given.

    Each optimiser has a learner of its own, with its own count of steps, loss scale and weight edits; only the latest
    is kept, since an experiment is over when the next begins. The schedule is left to `RecipeSchedule`, so that an
    experiment with another optimiser keeps its rate.
    """

    def __init__(self, recipe: Recipe, learner: Learner, clock_at: ClockAt, seed: int) -> None:
        self.recipe, self.clock_at, self.seed = recipe, clock_at, seed
        self.like = replace(learner, schedules=Schedules(), average=None)
        self.latest: Learner | None = None
        self.finished = 0

    def __call__(self, model: nn.Module, batch: Batch, optimizer: Optimizer) -> Tensor:
        if self.latest is None or self.latest.optimizer is not optimizer:
            device = next(model.parameters()).device
            scaler = self.recipe.precision.make_scaler(device.type) if self.recipe.precision else None
            self.latest = replace(self.like, model=model, optimizer=optimizer, weight_edit_states=[], scaler=scaler)
            self.finished = 0
        (step,) = training_steps(self.latest, [batch], [self.clock_at(self.finished)], seed=self.seed)
        self.finished += 1
        return step.loss


class RecipeSchedule:
    """The recipe's schedules in the form of PyTorch's: `step()` sets the values of the next update.

    clock_at: of a `Timetable`; an experiment may take more steps than the training has.
    """

    def __init__(self, learner: Learner, clock_at: ClockAt) -> None:
        self.optimizer, self.schedules = learner.optimizer, learner.schedules
        self.clock_at, self.finished = clock_at, 0
        self._set_values()

    def step(self) -> None:
        """Go on to the next update."""
        self.finished += 1
        self._set_values()

    def _set_values(self) -> None:
        set_scheduled_values(self.optimizer.param_groups, self.schedules, self.clock_at(self.finished))
