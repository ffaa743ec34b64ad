"""What trains the trials of a search, and where it is, for the live line: how many, the best so far, the time left."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from assay.data.data import Data
from assay.stages.session import Session
from assay.tuning.search import Trainer
from assay.tuning.searched import Searched


def trainer_of(session: Session, text: Callable[[], str] | None = None) -> Callable[[Data], Trainer]:
    """By the session: trials are kept in their database, and done by its executor if it has one.

    Args:
        text: asked what to tell of a training that is done here.
    """

    def on(data: Data) -> Trainer:
        return Trainer(session.measure_parts_on(data, text=text), partial(session.is_known, data),
                       partial(session.let_go, data), together=session.executor is not None)  # fmt: skip

    return on


class SearchWatch:
    """Told by a search, tells what it is at. trials: about how many there will be."""

    def __init__(self, session: Session, trials: int) -> None:
        self.session, self.trials = session, trials
        self.number, self.best = 0, (float("-inf"), 0.0)
        self.started = session.budget.used

    def trial(self, number: int, searched: Searched) -> None:
        """A setting is done."""
        self.number = number + 1
        if not searched.diverged:
            self.best = max(self.best, (searched.sign * searched.value, searched.value))

    def text(self) -> str:
        """`setting 4 of about 25, best 0.9812, 40 s of search left`."""
        return f"setting {self.number + 1} of about {self.trials}{self._best()}{self._left()}"

    def _best(self) -> str:
        return f", best {self.best[1]:.4f}" if self.best[0] > float("-inf") else ""

    def _left(self) -> str:
        if not self.number:
            return ""
        each = (self.session.budget.used - self.started) / self.number
        return f", {max(0.0, self.trials - self.number) * each:.0f} s of search left"
