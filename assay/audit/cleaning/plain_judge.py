"""A member that is no network: any classifier with `fit` and `predict_proba`, on rows of numbers."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Int

from assay.audit.cleaning.fold import Fold, Judgement, Say
from assay.audit.labels.out_of_fold import answer_of


@dataclass(frozen=True, eq=False)
class PlainJudge:
    """One member.

    factory: makes a new model for each fold. inputs: a row an example.
    """

    name: str
    factory: Callable[[], Any]
    inputs: np.ndarray
    labels: Int[np.ndarray, " n"]
    classes: int

    @property
    def members(self) -> tuple[str, ...]:
        return (self.name,)

    @property
    def describe(self) -> str:
        return f"{self.name} {self.inputs.shape[1:]} {_plainly(self.factory())}"

    def judge(self, fold: Fold, say: Say) -> Judgement:
        """Train on the rest, answer for the held.

        Raises:
            InputError: what the model answers is not probabilities.
        """
        started = time.perf_counter()
        say(self.name, 0.0)
        model = self.factory()
        model.fit(self.inputs[fold.rest], self.labels[fold.rest])
        answer = answer_of(self.name, model, self.inputs[fold.held], self.labels[fold.rest], self.classes)
        return Judgement({self.name: answer}, seconds=time.perf_counter() - started)


def _plainly(model: object) -> str:
    """The model's text, unless that holds a place in memory, which is another each time."""
    text = repr(model)
    return type(model).__qualname__ if " at 0x" in text else text
