"""Where a search is, for the live line: which setting, the best so far, and the time that the rest will take."""

from __future__ import annotations

import time

from assay.session import Session
from assay.training import Training
from assay.tuning.searched import Searched


class SearchWatch:
    """Told by a search, tells the session. trials: about how many there will be."""

    def __init__(self, session: Session, trials: int) -> None:
        self.session, self.trials = session, trials
        self.number, self.best, self.said = 0, float("-inf"), 0.0
        self.started = session.budget.used

    def trial(self, number: int, searched: Searched) -> None:
        """A setting is done."""
        self.number = number + 1
        if not searched.diverged:
            self.best = max(self.best, searched.value)

    def step(self, training: Training) -> None:
        """A few times a second."""
        if time.perf_counter() - self.said > 0.2:
            self.said = time.perf_counter()
            self.session.say(f"setting {self.number + 1} of about {self.trials}{self._best()}{self._left()}",
                             training.step / training.total_steps)  # fmt: skip

    def _best(self) -> str:
        return f", best {self.best:.4f}" if self.number and self.best > float("-inf") else ""

    def _left(self) -> str:
        if not self.number:
            return ""
        each = (self.session.budget.used - self.started) / self.number
        return f", {max(0.0, self.trials - self.number) * each:.0f} s of search left,"
