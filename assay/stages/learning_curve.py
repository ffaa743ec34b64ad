"""How much more data would help: one recipe trained on growing subsets of the data, within a time budget.

Judged on the validation split; the test split is not read.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from assay.audit.learning_curve import Curve, Unit, describe_curve, measure_curve
from assay.audit.learning_curve.curve import LEAST_SEEDS, LEAST_SPAN
from assay.audit.learning_curve.measure import Measured, OutOfTimeError
from assay.audit.learning_curve.plan import (
    Lengths,
    first_size,
    judged_by,
    least_size,
    needed_sizes,
    possible_sizes,
)
from assay.audit.learning_curve.prediction import FARTHEST
from assay.audit.learning_curve.telling import SOURCE
from assay.budget import budget_text
from assay.data.data import Data
from assay.data.loader import order_for_epoch
from assay.errors import DivergedError
from assay.finding import Finding, Report, Skipped
from assay.planning import measure_speed
from assay.recipe import Recipe
from assay.stages.session import Session
from assay.trial import Trial

STAGE = "learning curve"
MOST_SEEDS = 9
"""Of nine seeds the bands on Fashion-MNIST were 12 % of the truth wide where of three they were 15 %."""
MOST_JUDGED = 10_000
LATE = 1.25
"""Of the budget, that is used up for what is begun: a curve that is nearly there is worth so much."""
MARGIN = 1.3
"""Of the time that trainings took here, to foresee what they take next time."""


def learning_curve_stage(
    session: Session, data: Data, seed: int, recipe: Recipe, times: Sequence[float], passes: float
) -> dict[str, Any]:
    """The stage: sizes, trainings, findings."""
    sizes = possible_sizes(len(data.train), len(data.specification.classes))
    if not sizes:
        return {"report": Report(STAGE, (), (_too_small(data),)).to_dict()}
    lengths = Lengths(min(recipe.batch_size, len(data.train)), passes)
    begin = session.decide("first size", lambda: {"place": _first(session, data, recipe, sizes, lengths)})["place"]
    growth = Growth(session, data, recipe, lengths, seed)
    try:
        measured = growth.measure(sizes[begin:])
    except OutOfTimeError:
        return {"report": growth.tell_unfinished(sizes[begin:]).to_dict()}
    curve = measured.beginning_at(judged_by(measured.sizes)[0])
    return {"report": tell(curve, data, times, seed).to_dict()}


class Growth:
    """The trainings of one curve: each is found again, or made; how long they take is learnt as they go."""

    def __init__(self, session: Session, data: Data, recipe: Recipe, lengths: Lengths, seed: int) -> None:
        judged = order_for_epoch(len(data.validation), seed, -2)[:MOST_JUDGED]
        # The test split is not read, not even to tell whether it is still the same.
        self.shown = replace(data, validation=data.validation.select(judged), test=data.test.select(judged[:0]))
        self.session, self.recipe, self.lengths, self.seed = session, recipe, lengths, seed
        self.targets = self.shown.validation.targets.numpy()
        self.last_size, self.last_seconds = 0, 0.0
        self.errors = dict[int, list[float]]()

    def measure(self, sizes: Sequence[int]) -> Curve:
        """As many sizes as the time allows under three seeds; once all are measured, as many seeds up to nine.

        Raises:
            DivergedError: a training whose error is no number; names its size and seed.
        """
        train, first = self.shown.train, self.seed
        labels = train.targets.tolist() if self.shown.specification.task == "classification" else None
        return measure_curve(
            self.train, examples=len(train), sizes=sizes, labels=labels, seeds=range(first, first + LEAST_SEEDS),
            more_seeds=range(first + LEAST_SEEDS, first + MOST_SEEDS), time_is_left=self.time_is_left,
        )  # fmt: skip

    def train(self, indices: np.ndarray, seed: int) -> Measured:
        """One training: its error, and that of each class.

        Raises:
            OutOfTimeError: as long as the last one took, this one would end too late.
        """
        size, used = len(indices), self.session.budget.used
        if self.last_size and used + self.seconds_of([size]) > LATE * self.session.budget.total:
            raise OutOfTimeError
        subset = replace(self.shown, train=self.shown.train.select(torch.from_numpy(indices)))
        own = self.recipe.change(batch_size=self.lengths.batch(size), epochs=self.lengths.epochs(size))
        trial = self.session.measure_on(subset, text=f"{size:,} examples")(own, seed)
        self.last_size, self.last_seconds = size, max(trial.seconds, self.session.budget.used - used)
        measured = errors_of(trial, self.targets, self.shown)
        if not math.isfinite(measured[0] if isinstance(measured, tuple) else measured):
            raise DivergedError(f"the training on {size:,} examples under seed {seed} diverged: its error is not a "
                                "number; lower the learning rate of the recipe")  # fmt: skip
        self.errors.setdefault(size, []).append(measured[0] if isinstance(measured, tuple) else measured)
        return measured

    def seconds_of(self, sizes: Sequence[int]) -> float:
        """Of one training on each of these sizes, judged by the last training, however fast the machine is now."""
        each = self.last_seconds / self.lengths.work(self.last_size)
        return each * sum(map(self.lengths.work, sizes))

    def time_is_left(self, pairs: Sequence[tuple[int, int]]) -> bool:
        """Judged by the last training, which was about as large or larger."""
        coming = self.seconds_of([size for size, _ in pairs])
        return self.session.budget.used + coming < self.session.budget.total

    def tell_unfinished(self, sizes: Sequence[int]) -> Report:
        """What is finished of too few trainings for a curve, and the budget that would do."""
        needed = [size for size in needed_sizes(sizes) for _ in range(LEAST_SEEDS)]
        budget = budget_text(MARGIN * self.seconds_of(needed))
        finished = sum(map(len, self.errors.values()))
        reason = f"the budget had time for {finished} of the {len(needed)} trainings that a curve needs"
        unit = unit_of(self.shown)
        told = ", ".join(f"{unit.number(float(np.mean(errors)))} on {size:,}" for size, errors in self.errors.items())
        so_far = Finding(
            "errors_so_far",
            "note",
            f"The error on {len(self.targets):,} held-out examples so far, by training examples: {told}; "
            f"{finished} trainings.",
            evidence={"errors": {str(size): errors for size, errors in self.errors.items()}, "n": len(self.targets)},
            cause="The machine is slower than it was when the curve was planned, or the budget is small.",
            fix=f"Give --budget {budget}: what is finished is not trained again.",
            source=SOURCE,
        )
        left_out = Skipped("learning_curve", f"{reason}; give --budget {budget}, it goes on from there")
        return Report(STAGE, (so_far,), (left_out,))


def _first(session: Session, data: Data, recipe: Recipe, sizes: Sequence[int], lengths: Lengths) -> int:
    speed = measure_speed(recipe, data, device=session.device)
    return first_size(sizes, lengths, seconds=session.seconds_for(STAGE), step_seconds=speed.step)


def errors_of(trial: Trial, targets: np.ndarray, data: Data) -> Measured:
    """Share of wrong answers, of all and of each class; or the root of the mean squared error, in the target's unit."""
    specification = data.specification
    if specification.task == "regression":
        return math.sqrt(trial.loss) * specification.target_std
    wrong = 1.0 - trial.example_scores
    by_class = [wrong[targets == label].mean() if (targets == label).any() else np.nan
                for label in range(len(specification.classes))]  # fmt: skip
    return float(wrong.mean()), np.array(by_class)


def unit_of(data: Data) -> Unit:
    """Of the errors: shares of wrong answers, or the target's own."""
    is_share = data.specification.task == "classification"
    return Unit() if is_share else Unit(percent=False, name="root mean square error")


def tell(curve: Curve, data: Data, times: Sequence[float], seed: int) -> Report:
    """The report; multiples that are too far from what was measured are left out with the reason."""
    whole, specification, unit = len(data.train), data.specification, unit_of(data)
    judged = min(len(data.validation), MOST_JUDGED)
    if not (curve.means > 0).all():
        return Report(STAGE, (_no_error_left(curve, judged),))
    reached = [one for one in times if one * whole <= FARTHEST * curve.largest]
    skipped = tuple(
        Skipped(f"at_{one:g}_times", f"{round(one * whole):,} examples are more than {FARTHEST:g} times the "
                f"{curve.largest:,} that the budget had time for; give a larger --budget")
        for one in times if one not in reached
    )  # fmt: skip
    found = describe_curve(curve, times=reached, examples=whole, classes=specification.classes, unit=unit,
                           held_out=judged, seed=seed)  # fmt: skip
    return Report(STAGE, tuple(found), skipped)


def _too_small(data: Data) -> Skipped:
    classes = len(data.specification.classes)
    least = round(LEAST_SPAN * least_size(classes))
    some = " that has some of each class" if classes else ""
    return Skipped("learning_curve", f"{len(data.train)} training examples are too few to be made fewer: a curve needs "
                   f"{least} here, four times the smallest subset{some}")  # fmt: skip


def _no_error_left(curve: Curve, judged: int) -> Finding:
    size = next(size for size, mean in zip(curve.sizes, curve.means, strict=True) if mean == 0)
    return Finding(
        "learning_curve",
        "note",
        f"On {size:,} training examples no error is left on {judged:,} held-out examples: more data cannot be seen to "
        "help.",
        evidence={"sizes": list(curve.sizes), "means": curve.means.tolist(), "held_out": judged},
        fix="Judge on more held-out examples, or on harder ones.",
        source=SOURCE,
    )
