"""Recipe + data + seed -> Run: one training from first step to evaluated model, resumable at any moment.

    run = train(recipe, data, seed=0)

or, to watch, stop or prune it yourself:

    training = Training(recipe, data, seed=0)
    for step in training:
        ...
    run = training.finish()
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from assay.data.data import Data
from assay.data.loader import order_for_epoch
from assay.data.specification import Specification
from assay.device import choose_device
from assay.evaluation import Evaluation, evaluate
from assay.learner import build_learner
from assay.loop import Step, training_steps
from assay.network import build_model
from assay.recipe import Recipe
from assay.training import learner_state
from assay.training.checkpoint import load_checkpoint, save_checkpoint
from assay.training.feed import Feed
from assay.training.history import History
from assay.training.monitor import TrainingMonitor
from assay.training.validation_watch import ValidationWatch
from assay.tricks.kinds_of_inputs import require_fit

TRAINING_EXAMPLES = 1000
"""Of the training split, the finished network is judged on so many at the most."""


@dataclass(frozen=True, eq=False)
class Run:
    """A finished training.

    model: the weights that count (averaged or best, if the recipe says so). last_model: the weights
    after the last step; the same network where nothing averages. share: of the training that was done; 1 where the
    recipe itself ended it.
    """

    recipe: Recipe
    seed: int
    model: nn.Module
    last_model: nn.Module
    specification: Specification
    history: History
    validation: Evaluation
    steps: int
    seconds: float
    stopped_early: bool
    share: float = 1.0

    @property
    def seconds_per_step(self) -> float:
        """Wall seconds of one optimiser update, its batch included."""
        return self.seconds / max(1, self.steps)


def train(recipe: Recipe, data: Data, *, seed: int = 0, **options: Any) -> Run:
    """Train to the end; `options` are those of `Training`."""
    training = Training(recipe, data, seed=seed, **options)
    for _ in training:
        pass
    return training.finish()


class Look(NamedTuple):
    """What was seen on the validation split after so many steps, and of which network."""

    step: int
    model: nn.Module
    evaluation: Evaluation


class Training:
    """One training under way: iterate over its steps, then `finish`.

    Args:
        checkpoint: file to resume from, and to write every `checkpoint_seconds` of training.
        evaluations: how often, evenly spread over training, the validation split is looked at; 0, like 1, is
            only at the end.
            A recipe with early stopping looks after every epoch instead.
        workers: processes that decode inputs which are not in memory.
        initial: a network of the recipe's architecture to start from instead of fresh weights.
        monitored: whether a few steps are sampled by the monitors, and the finished network is also evaluated on
            training examples; without, nothing of that is in the history. Weights are the same.
    Raises:
        RecipeError: the recipe is for other data: another task, or tricks for images on vectors.
        ValueError: evaluations is negative.
    """

    def __init__(
        self,
        recipe: Recipe,
        data: Data,
        *,
        seed: int = 0,
        device: str | torch.device | None = None,
        workers: int = 0,
        evaluations: int = 10,
        checkpoint: Path | None = None,
        checkpoint_seconds: float = 5.0,
        initial: nn.Module | None = None,
        monitored: bool = True,
    ) -> None:
        if evaluations < 0:
            raise ValueError(f"evaluations must be at least 0, got {evaluations}; 10 are usual, 0 is only at the end")
        require_fit(recipe, data.specification)
        self.recipe, self.data, self.seed, self.workers = recipe, data, seed, workers
        self.device = choose_device(device)
        self.feed = Feed(recipe, data.train, data.specification, seed, self.device, workers)
        self.total_steps = self.feed.timetable.total_steps
        self.watch = ValidationWatch(recipe)
        self.evaluate_every = None if self.watch.waits else math.ceil(self.total_steps / max(1, evaluations))
        self.learner = build_learner(
            recipe, data.specification, seed=seed, device=self.device, initial=initial, sample=self._first_inputs
        )
        self.history = History()
        self.monitor = TrainingMonitor(self.learner) if monitored else None
        self.step, self.seconds = 0, 0.0
        self._in_step = False
        self._last_look: Look | None = None
        self.checkpoint, self.checkpoint_seconds = checkpoint, checkpoint_seconds
        if checkpoint is not None and checkpoint.exists():
            self._restore(load_checkpoint(checkpoint, self._identity()))

    def __iter__(self) -> Iterator[Step]:
        # Begun anew when `end_after` has moved the end; a step is a function of its number, so nothing else changes.
        while self.step < self.total_steps and not self.stopped_early:
            yield from self._steps_until(self.total_steps)

    @property
    def stopped_early(self) -> bool:
        """Whether the recipe ended the training before its last step."""
        return self.watch.stopped

    def end_after(self, total_steps: int) -> None:
        """End after `total_steps` instead: schedules go on from where this step lies in the new length.

        For whoever promised a time and finds the machine slower or faster than it was. The new length is
        part of the next checkpoint.

        Raises:
            ValueError: the new length is behind this step.
        """
        if total_steps < max(1, self.step):
            raise ValueError(f"total_steps must be at least {max(1, self.step)}, got {total_steps}; that is behind")
        self.total_steps = total_steps

    def _steps_until(self, total_steps: int) -> Iterator[Step]:
        remaining = range(self.step, total_steps)
        batches, clocks = self.feed.batches(remaining, total_steps), self.feed.timetable.clocks(remaining, total_steps)
        loop = training_steps(self.learner, batches, clocks, seed=self.seed)
        if self.monitor is not None:
            loop = self.monitor.follow(loop, self.step, total_steps, self.history.samples)
        started, before = time.perf_counter(), self.seconds
        saved = started
        self._in_step = True
        for step in loop:
            self.step = step.number + 1
            self.history.record_step(step, total_steps)
            self.seconds = before + time.perf_counter() - started
            if self._is_time_to_look() or self.step == self.total_steps:
                before -= self._look_at_validation()
            self._in_step = False
            if self.checkpoint is not None and time.perf_counter() - saved >= self.checkpoint_seconds:
                self.save()
                saved = time.perf_counter()
            yield step
            if self.stopped_early or self.total_steps != total_steps:
                return
            self._in_step = True
        self._in_step = False

    def _is_time_to_look(self) -> bool:
        """At even distances, or after every epoch where something in the recipe waits for it."""
        if self.evaluate_every is not None:
            return self.step % self.evaluate_every == 0
        return self.feed.timetable.ends_an_epoch(self.step)

    @property
    def seconds_per_step(self) -> float:
        """Mean wall seconds of an optimiser update so far, its batch included, looks at validation not."""
        return self.seconds / max(1, self.step)

    def finish(self) -> Run:
        """Evaluate what was trained so far, unless the last look did; the model is the one to ship."""
        if self._last_look is not None and self._last_look.step == self.step:
            model, validation = self._last_look.model.eval(), self._last_look.evaluation
        else:
            model = self.evaluation_model()
            validation = self._evaluate(model)
        if self.monitor is not None:
            self.history.record_score("validation", validation)
            self.history.record_score("training", self._evaluate_on_training(model, validation.n))
        return Run(
            self.recipe, self.seed, model, self.learner.model.eval(), self.data.specification, self.history,
            validation, self.step, self.seconds, self.stopped_early,
            1.0 if self.stopped_early else self.step / self.total_steps,
        )  # fmt: skip

    def evaluation_model(self) -> nn.Module:
        """The network with the weights that count: the best seen, the averaged, or the last."""
        model = self._current_model()
        if self.watch.best_weights is not None:
            model = copy.deepcopy(model)
            model.load_state_dict(self.watch.best_weights)
        return model

    def _current_model(self) -> nn.Module:
        """The network as it is now, averaged if the recipe says so."""
        if self.recipe.average is None:
            return self.learner.model.eval()
        return self.recipe.average.build(self.learner.average_state, self._fresh_model, self._epoch_inputs).eval()

    def _fresh_model(self) -> nn.Module:
        """Another network of the recipe, as it was before its first step."""
        return build_model(self.recipe, self.data.specification, seed=self.seed).to(self.device).eval()

    def _epoch_inputs(self) -> Iterator[Tensor]:
        """The inputs of about one epoch, as the network trains on them at the end: at full size, say."""
        steps = range(max(0, self.total_steps - self.feed.timetable.steps_per_epoch), self.total_steps)
        return (batch.inputs for batch in self.feed.batches(steps, self.total_steps))

    def _first_inputs(self) -> Tensor:
        """The inputs of the first batch."""
        return next(batch.inputs for batch in self.feed.batches(range(1), self.total_steps))

    def save(self) -> None:
        """Write the checkpoint now, whole or not at all.

        A step that was interrupted has changed some weights and not others: then nothing is written,
        and the last checkpoint stands.
        """
        if self.checkpoint is not None and not self._in_step:
            save_checkpoint(self.checkpoint, self._identity(), self._state())

    def _evaluate(self, model: nn.Module) -> Evaluation:
        return evaluate(model, self.data.validation, self.data.specification, device=self.device, workers=self.workers)

    def _evaluate_on_training(self, model: nn.Module, most: int) -> Evaluation:
        """On as many training examples as validation has, up to a thousand, as they are without augmentation."""
        chosen = order_for_epoch(len(self.data.train), self.seed, -3)[: min(most, TRAINING_EXAMPLES)]
        examples = self.data.train.select(chosen)
        return evaluate(model, examples, self.data.specification, device=self.device, workers=self.workers)

    def _look_at_validation(self) -> float:
        """Evaluate, remember, and go on as the recipe has it; returns the seconds it took."""
        started = time.perf_counter()
        model = self._current_model()
        evaluation = self._evaluate(model)
        self.learner.model.train()
        self.history.record_evaluation(self.step, evaluation)
        is_best = self.watch.observe(model, evaluation.loss)
        self.learner.feedback_factor = self.watch.rate_factor
        if is_best and (self.step == self.total_steps or self.stopped_early):
            self._last_look = Look(self.step, model, evaluation)
        return time.perf_counter() - started

    def _identity(self) -> dict[str, Any]:
        return {"recipe": self.recipe.key(), "data": self.data.fingerprint, "seed": self.seed}

    def _state(self) -> dict[str, Any]:
        return {
            "step": self.step,
            "total_steps": self.total_steps,
            "seconds": self.seconds,
            **learner_state.state_of(self.learner),
            **self.watch.state(),
            "monitor": self.monitor.state() if self.monitor else [],
            "history": self.history.to_dict(),
        }

    def _restore(self, state: dict[str, Any]) -> None:
        learner_state.restore(self.learner, state, self.device)
        self.watch.restore(state)
        if self.monitor is not None:
            self.monitor.restore(state.get("monitor", ()))
        self.learner.feedback_factor = self.watch.rate_factor
        self.step, self.seconds, self.total_steps = state["step"], state["seconds"], state["total_steps"]
        self.history = History.from_dict(state["history"])
