"""One sitting of a run: everything slow goes through here, so that a kill loses seconds of it.

Finished trials and decisions are found again in the store; a training under way goes on from its
checkpoint; working time is counted over all sittings.
"""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from assay.budget import Budget
from assay.data.data import Data
from assay.data.split import WithDigest
from assay.device import choose_device
from assay.environment import environment_of
from assay.executors.executor import Asking, Executor, name_training
from assay.executors.opening import Opening
from assay.loop import Step
from assay.planning import OF_ALONE, choose_workers, stage_seconds
from assay.recipe import Recipe
from assay.store.store import Store
from assay.store.trials import checkpoints_of
from assay.training.live import FILE, LiveFile
from assay.training.part import Part, begin_part, checkpoint_key, steps_of
from assay.training.train import Run, Training
from assay.trial import NUMERICS, Measure, MeasureAll, MeasureParts, Trial, in_turn, trial_key, trial_of

CHECKPOINT_SECONDS = 5.0
BEAT_SECONDS = 2.0
LATENESS, EARLY, MEANINGFUL_STEPS = 0.05, 0.25, 20
WHOLE = Part()

Result = dict[str, Any]
"""What a stage hands on, as plain values: its report, and what later stages or the summary take from it."""


@dataclass(frozen=True)
class Progress:
    """What a run is doing now. fraction: of the training or stage under way, in [0, 1]."""

    stage: str
    text: str
    fraction: float
    seconds: float
    budget_seconds: float


Announce = Callable[[Progress], None]


class Session:
    """The store, the budget and the folder of one run, and the slow operations that use them.

    Args:
        trials: database of finished trainings, of all runs; the run's own without.
        executor: does many trainings at a time; without, they are done here, one after the other.
        opening: how the run's data was opened, so that other processes can open it.
    """

    def __init__(self, store: Store, run: int, folder: Path, budget: Budget, announce: Announce, *,
                 device: str | None = None, only: str | None = None, trials: Store | None = None,
                 executor: Executor | None = None, opening: Opening | None = None) -> None:  # fmt: skip
        self.store, self.run, self.folder, self.budget = store, run, folder, budget
        self.trials, self.executor, self.opening = trials or store, executor, opening
        self.device = choose_device(device)
        self.work = folder / "work"
        self.work.mkdir(parents=True, exist_ok=True)
        self.live = LiveFile(folder / FILE)
        self._announce, self._last_beat = announce, 0.0
        self.stage_name, self.only, self._stage_started = "", only, 0.0

    def say(self, text: str, fraction: float = 0.0) -> None:
        """Tell whoever watches, and write down the working seconds now and then."""
        self._announce(Progress(self.stage_name, text, fraction, self.budget.used, self.budget.total))
        self.live.say(self.stage_name, text)
        if time.perf_counter() - self._last_beat > BEAT_SECONDS:
            self.store.set_seconds(self.run, self.budget.used)
            self._last_beat = time.perf_counter()

    def seconds_for(self, stage: str) -> float:
        """How long a stage may take: its share of the run, or all of the budget if it runs alone."""
        return OF_ALONE * self.budget.total if stage == self.only else stage_seconds(stage, self.budget.total)

    def share_used(self) -> float:
        """What part of its time the stage under way has used; above 1 when it should have ended."""
        return (self.budget.used - self._stage_started) / self.seconds_for(self.stage_name)

    def stage(self, name: str, compute: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """A stage's result: found again, or computed and recorded."""
        self.stage_name = name
        found = self.store.find_stage(self.run, name)
        if found is not None:
            return found
        self.say("starts")
        self._stage_started = self.decide(f"{name} started", lambda: {"seconds": self.budget.used})["seconds"]
        try:
            result = compute()
        finally:
            # Also on Ctrl-C: the next sitting counts on from here.
            self.store.set_seconds(self.run, self.budget.used)
        result["seconds"] = self.budget.used - self._stage_started
        if "seconds" in result.get("report", {}):
            # The stage measured its last sitting.
            result["report"]["seconds"] = result["seconds"]
        self.store.record_stage(self.run, name, result, test_model=result.get("test_model"))
        # Read back, so that the first sitting tells exactly what a later one will.
        return self.store.find_stage(self.run, name) or result

    def decide(self, name: str, compute: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """A choice made once for the whole run."""
        return self.store.decide(self.run, name, compute)

    def train(
        self, recipe: Recipe, data: Data, seed: int, *, name: str, text: str, evaluations: int = 10,
        initial: nn.Module | None = None, until: float = math.inf, monitored: bool = True,
    ) -> Run:  # fmt: skip
        """Train with checkpoints under `name`; a finished checkpoint is evaluated, not trained again.

        Args:
            until: working seconds of the run at which the training should end; its length is mended when
                the machine turns out slower or faster than it was measured to be.
        """
        training = Training(recipe, data, seed=seed, evaluations=evaluations, initial=initial, monitored=monitored,
                            **self._options(name, data))  # fmt: skip
        return self._watched(training, training, name=name, text=text, until=until)

    def _options(self, name: str, data: Data) -> dict[str, Any]:
        """What all trainings of the session have alike."""
        return {"device": self.device, "checkpoint": self.work / f"{name}.checkpoint",
                "checkpoint_seconds": CHECKPOINT_SECONDS, "workers": choose_workers(data)}  # fmt: skip

    def _watched(
        self, training: Training, steps: Iterable[Step], *, name: str, text: str, until: float = math.inf
    ) -> Run:
        """Take these steps, and tell of them."""
        told = partial(self.live.grow, name, metric=training.data.specification.metric, stage=self.stage_name,
                       text=text)  # fmt: skip
        said = 0.0
        try:
            for step in steps:
                if time.perf_counter() - said > 0.2:
                    said = time.perf_counter()
                    keep_in_time(training, until - self.budget.used)
                    told(training.history, training.total_steps)
                    self.say(f"{text}, loss {float(step.loss):.3f}", training.step / training.total_steps)
        finally:
            # Also on Ctrl-C: what is trained stays trained.
            if training.seconds > 1.0:
                training.save()
        run = training.finish()
        told(run.history, training.total_steps, done=True)
        return run

    def trials_of(self, data: Data) -> Store:
        """Where trials on this data are kept: in the run's own database if others may have the same fingerprint."""
        splits = (data.train, data.validation, data.test)
        known = all(isinstance(split.inputs, Tensor | WithDigest) for split in splits)
        return self.trials if known else self.store

    def measure_on(self, data: Data, *, text: str | None = None, part: Part = WHOLE) -> Measure:
        """A `Measure` whose trials are kept in their database, under `trial_key`.

        Args:
            text: what to tell of a training instead of its tricks.
            part: how far each training goes.
        """
        trials = self.trials_of(data)

        def measure(recipe: Recipe, seed: int) -> Trial:
            key = trial_key(recipe, data, seed, self.device, part)
            found = trials.find_trial(key)
            if found is not None:
                return Trial.from_dict(recipe, found)
            told = name_training(recipe, seed) if text is None else f"{text}, seed {seed}"
            trial = self._train_part(recipe, data, seed, part, name=f"trial-{checkpoint_key(key)}", text=told)
            trials.record_trial(key, stage=self.stage_name, description=recipe.describe(),
                                    recipe=recipe.to_dict(), result=trial.to_dict(), source=data.name)  # fmt: skip
            if part.until == 1:
                (self.work / f"trial-{checkpoint_key(key)}.checkpoint").unlink(missing_ok=True)
            return trial

        return measure

    def _train_part(self, recipe: Recipe, data: Data, seed: int, part: Part, *, name: str, text: str) -> Trial:
        training = begin_part(recipe, data, part, seed=seed, **self._options(name, data))
        run = self._watched(training, steps_of(training, part), name=name, text=text)
        if part.until < 1:
            training.save()
        return trial_of(run, part)

    def measure_all_on(self, data: Data) -> MeasureAll:
        """The same of many trials, by the session's executor."""
        return partial(self._measure_parts, data, part=WHOLE)

    def measure_parts_on(self, data: Data, *, text: Callable[[], str] | None = None) -> MeasureParts:
        """The same of parts of trainings.

        Args:
            text: asked what to tell of each training that is done here.
        """
        return partial(self._measure_parts, data, text=text)

    def _measure_parts(
        self, data: Data, pairs: Sequence[tuple[Recipe, int]], part: Part, text: Callable[[], str] | None = None
    ) -> list[Trial]:
        trials = self.trials_of(data)

        def here(recipe: Recipe, seed: int) -> Trial:
            return self.measure_on(data, text=text and text(), part=part)(recipe, seed)

        if self.executor is None:
            return in_turn(here)(pairs)
        # Data that cannot say what it holds can be opened by nobody else.
        opening = self.opening if trials is self.trials else None
        return self.executor(Asking(data, trials, self.device, self.stage_name, here, opening, self.work,
                                    self.live.path, self.say, part))(pairs)  # fmt: skip

    def measured(
        self, name: str, data: Data, measure: Callable[[], dict[str, Any]], *,
        is_lasting: Callable[[dict[str, Any]], bool] = lambda value: True,
    ) -> dict[str, Any]:  # fmt: skip
        """What something costs with this data: decided once for the run, by what is kept for machines like this one.

        Args:
            is_lasting: whether what is measured now may be kept for other runs too.
        """

        def find_or_measure() -> dict[str, Any]:
            found = self.trials_of(data).find_measurement(self._key_on_machine(name, data))
            if found is None:
                found = measure()
                if is_lasting(found):
                    self.keep_measured(name, data, found)
            return found

        return self.decide(name, find_or_measure)

    def keep_measured(self, name: str, data: Data, value: dict[str, Any]) -> None:
        """Keep it beside the trials, for all runs on machines like this one."""
        self.trials_of(data).record_measurement(self._key_on_machine(name, data), value)

    def _key_on_machine(self, name: str, data: Data) -> str:
        """Of processor, cores, threads and versions; not of the host's name, which a container has anew each time."""
        machine = json.dumps(environment_of(self.device), sort_keys=True).encode()
        return f"{name}-{data.fingerprint}-{hashlib.blake2b(machine, digest_size=8).hexdigest()}-{NUMERICS}"

    def is_known(self, data: Data, recipe: Recipe, seed: int, part: Part) -> bool:
        """Whether this trial is there already."""
        return self.trials_of(data).find_trial(trial_key(recipe, data, seed, self.device, part)) is not None

    def let_go(self, data: Data, pairs: Sequence[tuple[Recipe, int]], part: Part) -> None:
        """Remove checkpoints, here and of workers of this machine, of parts from which nothing goes on."""
        for recipe, seed in pairs:
            name = f"{checkpoint_key(trial_key(recipe, data, seed, self.device, part))}.checkpoint"
            (self.work / f"trial-{name}").unlink(missing_ok=True)
            (checkpoints_of(self.trials_of(data).url) / name).unlink(missing_ok=True)


def keep_in_time(training: Training, seconds_left: float) -> None:
    """Move the end of a training that would miss its time by more than `LATENESS` of what it has left.

    Too late is mended at any moment, too early only before `EARLY` of the training, while schedules are
    still far from their ends; a twentieth is left for looks at the validation split.
    """
    needed = (training.total_steps - training.step) * training.seconds_per_step
    late = needed > (1 + LATENESS) * seconds_left
    early = needed < (1 - LATENESS) * seconds_left < math.inf and training.step < EARLY * training.total_steps
    if not MEANINGFUL_STEPS <= training.step < training.total_steps or not (late or early):
        return
    seconds = seconds_left if late else (1 - LATENESS) * seconds_left
    training.end_after(training.step + max(1, int(seconds / training.seconds_per_step)))
