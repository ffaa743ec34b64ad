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
    """Told by a search, tells what it is at.

    settings: about how many there will be. trainings: about how many whole ones they cost. A setting whose training
    goes on, round after round, is one setting.
    """

    def __init__(self, session: Session, settings: int, trainings: float) -> None:
        self.session, self.settings, self.trainings = session, settings, trainings
        self.shares, self.best = dict[str, float](), (float("-inf"), 0.0)
        self.started, self.trained = session.budget.used, 0.0

    def trial(self, number: int, searched: Searched) -> None:
        """A part of a setting's training is done, or all of it."""
        name = repr(sorted(searched.settings.items()))
        before = self.shares.get(name, 0.0)
        self.shares[name] = max(searched.share, before)
        if not searched.found_again:
            self.trained += self.shares[name] - before
        elif not self.trained:
            self.started = self.session.budget.used
        if not searched.diverged:
            self.best = max(self.best, (searched.sign * searched.value, searched.value))

    def text(self) -> str:
        """`3 of about 25 settings tried, best 0.9812, 40 s of search left`."""
        return f"{len(self.shares)} of about {self.settings} settings tried{self._best()}{self._left()}"

    def _best(self) -> str:
        return f", best {self.best[1]:.4f}" if self.best[0] > float("-inf") else ""

    def _left(self) -> str:
        """By what was trained in this sitting: what an earlier one trained is found again in no time."""
        if not self.trained:
            return ""
        each = (self.session.budget.used - self.started) / self.trained
        return f", {max(0.0, self.trainings - sum(self.shares.values())) * each:.0f} s of search left"
