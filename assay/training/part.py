"""A part of a training: how far it goes, and what ends it sooner; what a search trains instead of whole trainings.

    a training ends at its step round(until * total), or at look k where the best look so far is below floors[k]

A part is a function of recipe, data, seed and the part itself, of nothing that goes on elsewhere: so parts are kept,
found again and handed to any worker as whole trainings are, under a key that says which part it is.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from assay.data.data import Data
from assay.loop import Step
from assay.recipe import Recipe
from assay.training.history import History
from assay.training.train import Training

MARK = "~"


@dataclass(frozen=True)
class Part:
    """How far a training goes.

    until: share of its steps, in (0, 1]. looks: how often, evenly spread over the whole training, the validation split
    is looked at. floors: of looks 1, 2, ..., what the best look so far must have reached for the training to go on.
    by_loss: looks are told by the loss turned round, -loss, not by the metric: higher is better in both.
    """

    until: float = 1.0
    looks: int = 1
    floors: tuple[float, ...] = ()
    by_loss: bool = False

    @property
    def mark(self) -> str:
        """What the key of a trial ends with; nothing of a whole training with one look."""
        if self == Part():
            return ""
        fields = (repr(self.until), str(self.looks), ",".join(map(repr, self.floors)), str(int(self.by_loss)))
        return MARK + MARK.join(fields)

    @property
    def whole(self) -> Part:
        """The same without its end: what a checkpoint of this part is a checkpoint of."""
        return replace(self, until=1.0)


def part_of(key: str) -> Part:
    """The part that a trial's key says it is of."""
    _, mark, rest = key.partition(MARK)
    if not mark:
        return Part()
    until, looks, floors, by_loss = rest.split(MARK)
    return Part(float(until), int(looks), tuple(float(one) for one in floors.split(",") if one), by_loss == "1")


def checkpoint_key(key: str) -> str:
    """Under which a part's checkpoint is kept, for the part that goes on from it too."""
    return key.partition(MARK)[0] + part_of(key).whole.mark


def begin_part(recipe: Recipe, data: Data, part: Part, *, checkpoint: Path | None = None, **options: Any) -> Training:
    """The training, from its checkpoint unless that is of a later step than this part's last.

    Args:
        options: those of `assay.training.train.Training`.
    """

    def begin() -> Training:
        return Training(recipe, data, evaluations=part.looks, monitored=False, checkpoint=checkpoint, **options)

    training = begin()
    if checkpoint is not None and training.step > last_step(training, part):
        checkpoint.unlink()
        training = begin()
    return training


def last_step(training: Training, part: Part) -> int:
    """How many steps the part has at the most."""
    return max(1, round(part.until * training.total_steps))


def looks_of(history: History, part: Part) -> tuple[float, ...]:
    """What was seen at each look, the higher the better."""
    return tuple(-loss for loss in history.validation_losses) if part.by_loss else tuple(history.validation_values)


def steps_of(training: Training, part: Part) -> Iterator[Step]:
    """The steps of this part of a training that `begin_part` made.

    A training whose loss is no number any more ends, too, unless all of it is asked for with one look.
    """
    end = last_step(training, part)
    if training.step >= end or (training.step and _is_hopeless(training, part)):
        return
    for step in training:
        yield step
        diverged = part != Part() and not math.isfinite(float(step.loss))
        if training.step >= end or diverged or _is_hopeless(training, part):
            return


def _is_hopeless(training: Training, part: Part) -> bool:
    """Whether the last look, if one was just made before the end, leaves the training below its floor."""
    looked = len(training.history.looks)
    if not 0 < looked <= len(part.floors) or training.step >= training.total_steps:
        return False
    seen = looks_of(training.history, part)
    return not math.isfinite(seen[-1]) or max(seen) < part.floors[looked - 1]
