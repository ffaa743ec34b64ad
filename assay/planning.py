"""How a budget becomes numbers of steps, seeds and tricks, from measured throughput.

A plan is decided once and kept: a resumed run repeats it instead of measuring again.
"""

from __future__ import annotations

import math
import os
import statistics
import time
from dataclasses import dataclass
from itertools import pairwise

import torch

from assay.data.data import Data
from assay.evaluation import evaluate
from assay.recipe import Recipe
from assay.training.train import Training

SHARES = {"inspect": 0.06, "verify": 0.10, "baselines": 0.06, "overfit": 0.08, "ablate": 0.28, "tune": 0.08}
"""Share of the budget each stage may use; the final trainings take what is left."""

SHARES_OF_SOME = {"decisions": 0.10}
"""The same of stages that only some runs have."""

LONGEST = {"inspect": 18.0, "verify": 18.0, "baselines": 18.0, "overfit": 60.0}
"""Seconds beyond which a stage gains nothing, or a kill in its middle would lose too much."""

RESERVE = 0.03
"""Share of the budget kept for the test and the report."""

OF_ALONE = 0.95
"""Share of its budget that a stage alone may use: the rest is for what is told at its end."""

TRICK_COST = 1.15
"""A step with a trick, as a multiple of one of the baseline: our guess, a little more."""

LEAST_LONG = 0.1
"""Share of the budget that the model that ships is trained for, even where earlier stages took too long.

A run a little late is worth more than a model of one step.
"""

TIMED_SECONDS = 1.0
ABLATION_EPOCHS = 6.0
FEWEST_STEPS = 200
FEWEST_CANDIDATES = 6
MOST_CANDIDATES_KEPT = 4
MOST_SEEDS = (12, 8, 5, 3)
VALIDATION_EXAMPLES, FEWEST_VALIDATION, JUDGING_SHARE = 4000, 500, 0.2
STUDENT_LENGTH = 0.25
FEWEST_LONG_EPOCHS = 15
LOOKS = 10
PAIRS, FEWEST_PAIRED_EPOCHS = (5, 3), 5


def stage_seconds(stage: str, budget_seconds: float) -> float:
    """How long a stage may take."""
    return min((SHARES | SHARES_OF_SOME)[stage] * budget_seconds, LONGEST.get(stage, math.inf))


def reserve_seconds(budget_seconds: float) -> float:
    """Kept for the test and the report: a share of the budget, at least what a page takes to write."""
    return max(RESERVE * budget_seconds, 2.0)


@dataclass(frozen=True)
class Speed:
    """Measured seconds of one training step and of evaluating one example."""

    step: float
    evaluation: float


def choose_workers(data: Data) -> int:
    """Processes that decode while the network trains: one a core for inputs that are not in memory, else none."""
    return 0 if data.train.in_memory else len(os.sched_getaffinity(0))


def measure_speed(
    recipe: Recipe, data: Data, *, seconds: float = TIMED_SECONDS, device: torch.device | None = None
) -> Speed:
    """Train a throw-away network for about `seconds`; the first steps, which warm caches, do not count."""
    training = Training(recipe.change(epochs=1e6), data, device=device, evaluations=1, workers=choose_workers(data))
    moments, started = [], time.perf_counter()
    for step in training:
        # An accelerator works behind the program's back: its steps are timed by waiting for what they compute.
        float(step.loss)
        moments.append(time.perf_counter())
        if moments[-1] - started > seconds and len(moments) > 6:
            break
    step = statistics.median(b - a for a, b in pairwise(moments[2:]))
    sample = data.validation.select(torch.arange(min(512, len(data.validation))))
    started = time.perf_counter()
    evaluate(training.learner.model, sample, data.specification, device=training.device)
    return Speed(step, (time.perf_counter() - started) / len(sample))


@dataclass(frozen=True)
class ComparisonPlan:
    """Trials of an ablation: how many tricks and seeds, how many examples and epochs each."""

    candidates: int
    seeds: int
    examples: int
    epochs: float
    validation: int


def plan_ablation(
    seconds: float, speed: Speed, *, batch_size: int, examples: int, validation: int, candidates: int
) -> ComparisonPlan:
    """Three seeds; as many tricks as leave each training `FEWEST_STEPS`; then as many steps as fit.

    A training sees its examples `ABLATION_EPOCHS` times: with less time it sees fewer examples, not
    fewer epochs, since regularisers do nothing in the first pass. Judging takes a fifth of its time at
    the most, on at least `FEWEST_VALIDATION` examples. More seeds only where each training still sees all
    examples twice as often with every trick tried: then luck is what hides an effect, and no longer the length.
    """
    for seeds in MOST_SEEDS:
        plan = _plan_with(seeds, seconds, speed, batch_size=batch_size, examples=examples, validation=validation,
                          candidates=candidates)  # fmt: skip
        is_long = plan.examples == examples and plan.epochs >= 2 * ABLATION_EPOCHS
        if is_long and plan.candidates == candidates:
            return plan
    return plan


def _plan_with(
    seeds: int, seconds: float, speed: Speed, *, batch_size: int, examples: int, validation: int, candidates: int
) -> ComparisonPlan:
    while True:
        # The baseline, each trick, the stack as it grows; on fresh seeds the baseline, the stack and the expert's.
        each = seconds / (seeds * (candidates + MOST_CANDIDATES_KEPT + 4))
        judged = int(JUDGING_SHARE * each / speed.evaluation)
        judged = min(validation, VALIDATION_EXAMPLES, max(FEWEST_VALIDATION, judged))
        steps = (each - speed.evaluation * judged) / (TRICK_COST * speed.step)
        if steps >= FEWEST_STEPS or candidates <= FEWEST_CANDIDATES:
            break
        candidates -= 1
    steps = max(steps, 20.0)
    seen = min(examples, max(2 * batch_size, round(steps * batch_size / ABLATION_EPOCHS)))
    return ComparisonPlan(candidates, seeds, seen, steps / max(1, seen // batch_size), judged)


def plan_search(seconds: float, speed: Speed, plan: ComparisonPlan, *, batch_size: int) -> int:
    """How many random settings fit, when trainings are as long as the ablation's and some stop early."""
    steps = plan.epochs * max(1, plan.examples // batch_size)
    each = steps * speed.step + 4 * speed.evaluation * plan.validation
    return max(3, min(40, int(seconds / (0.8 * each))))


def plan_range_test(seconds: float, speed: Speed) -> int:
    """Steps of the learning-rate range test: a hundred, or what a third of the time allows, but enough for a curve."""
    return max(30, int(min(100.0, seconds / (3 * speed.step))))


@dataclass(frozen=True)
class LongPlan:
    """The final trainings: how many members, and whether a student follows.

    A member counts 1; a student is shorter and pays for its teacher's forward passes, each about a
    third of a step.
    """

    members: int
    distil: bool

    def weight(self, name: str) -> float:
        """Of one training, by its name."""
        return STUDENT_LENGTH * (1 + self.members / 3) if name == "student" else 1.0

    def names(self) -> list[str]:
        """All trainings in order."""
        return [*(f"member-{number}" for number in range(self.members)), *(["student"] if self.distil else [])]

    def share(self, name: str) -> float:
        """What part of the time that is left belongs to this training, given those still to come."""
        coming = self.names()[self.names().index(name) :]
        return self.weight(name) / sum(map(self.weight, coming))


def plan_long(seconds: float, speed: Speed, *, steps_per_epoch: int) -> LongPlan:
    """As many networks as can still see the data `FEWEST_LONG_EPOCHS` times, up to three and a student."""
    epochs = seconds / (speed.step * steps_per_epoch)
    for plan in (LongPlan(3, True), LongPlan(2, True), LongPlan(2, False)):
        if epochs / sum(map(plan.weight, plan.names())) >= FEWEST_LONG_EPOCHS:
            return plan
    return LongPlan(1, False)


def long_steps(seconds: float, speed: Speed, *, validation: int, weight: float = 1.0) -> tuple[int, int]:
    """Steps and looks at the validation split that fill `seconds`.

    Looks take at most a twentieth of the time.

    Args:
        weight: seconds of a step as a multiple of the measured ones.
    """
    look = speed.evaluation * validation
    looks = max(2, min(LOOKS, int(0.05 * seconds / look)))
    return max(1, int((seconds - (looks + 2) * look) / (speed.step * weight))), looks


def plan_pairs(seconds: float, speed: Speed, *, steps_per_epoch: int, validation: int) -> dict[str, float]:
    """Pairs of equal trainings, evaluated once each, that fill `seconds`: five if each sees all examples five times.

    Else three, as a difference of two pairs has no useful interval. Epochs are at most the fewest of a long training.
    """
    for pairs in PAIRS:
        each = seconds / (2 * pairs) - speed.evaluation * validation
        epochs = min(float(FEWEST_LONG_EPOCHS), max(1.0, each / speed.step) / max(1, steps_per_epoch))
        if epochs >= FEWEST_PAIRED_EPOCHS:
            return {"pairs": pairs, "epochs": epochs}
    return {"pairs": PAIRS[-1], "epochs": epochs}


def choose_threads(recipe: Recipe, data: Data, *, seconds: float = 0.5, device: torch.device | None = None) -> int:
    """One thread or all of them, whichever steps faster: small networks lose by sharing their work."""
    before, speeds = torch.get_num_threads(), {}
    for threads in sorted({1, before}):
        torch.set_num_threads(threads)
        speeds[threads] = measure_speed(recipe, data, seconds=seconds, device=device).step
    torch.set_num_threads(before)
    return min(speeds, key=lambda threads: speeds[threads])
