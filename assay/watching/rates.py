"""Learning rates as the optimiser really used them: a rate that is gone while the loop goes on trains nothing.

    gone: under 1/1000 of the peak so far, or 0, for every parameter group, at every update up to the last

Warm-up from 0 and a schedule that comes to 0 at the end of the loop are healthy.

Source: PyTorch documentation, torch.optim.lr_scheduler.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor
from torch.optim import Optimizer

from assay.figure import Lines, Series
from assay.finding import Finding

SOURCE = "PyTorch documentation, torch.optim.lr_scheduler"
GONE, MOST_GONE, MOST_ZERO, LEAST = 1e-3, 1 / 3, 0.1, 10


class Rates:
    """Follows the rates of one optimiser."""

    def __init__(self, optimizer: Optimizer) -> None:
        self.optimizer = optimizer
        self.peaks: list[float] = []
        self.updates = self.gone = self.zero = 0
        self.curve: list[tuple[int, float]] = []
        self._last: list[Any] | None = None
        self._is_gone = self._is_zero = False

    def update(self) -> None:
        """An update is about to be made. Most are made at the rates of the one before."""
        rates = [group["lr"] for group in self.optimizer.param_groups]
        if rates != self._last:
            self._change(rates)
        self.updates += 1
        if self._is_gone:
            self.gone += 1
            self.zero += self._is_zero

    def _change(self, given: list[Any]) -> None:
        # A rate that is a tensor is changed in place.
        self._last = None if any(isinstance(rate, Tensor) for rate in given) else given
        rates = [float(rate) for rate in given]
        self.peaks += [0.0] * (len(rates) - len(self.peaks))
        self.peaks = [max(pair) for pair in zip(self.peaks, rates, strict=False)]
        self._is_zero = not any(rates)
        self._is_gone = all(rate == 0.0 or rate < GONE * peak for rate, peak in zip(rates, self.peaks, strict=False))
        self.gone = self.gone if self._is_gone else 0
        self.zero = self.zero if self._is_zero else 0

    def look(self) -> None:
        """Note the rate for the curve."""
        self.curve.append((self.updates, self._now()))

    def findings(self) -> list[Finding]:
        if not self.updates:
            return []
        peak = max(self.peaks, default=0.0)
        evidence = {"updates": self.updates, "peak": peak, "gone_at_the_end": self.gone, "zero_at_the_end": self.zero}
        steps, rates = zip(*self.curve, strict=True) if self.curve else ((), ())
        figure = Lines("Learning rate", "step", "learning rate", (Series("rate", tuple(map(float, steps)), rates),))
        if self.zero >= max(LEAST, MOST_ZERO * self.updates):
            text = (
                f"The last {self.zero} of {self.updates} updates were made at a learning rate of 0 (peak {peak:.3g})."
            )
            words = _NEVER if peak == 0 else _EARLY
            return [Finding("learning_rate_schedule", "proved", text, evidence, *words, SOURCE, (figure,))]
        if self.gone >= max(LEAST, MOST_GONE * self.updates):
            text = f"The last {self.gone} of {self.updates} updates were made at under 1/1000 of the peak ({peak:.3g})."
            return [Finding("learning_rate_schedule", "suspect", text, evidence, *_EARLY, SOURCE, (figure,))]
        text = f"The learning rate's peak is {peak:.3g} over {self.updates} updates, {self._now():.3g} at the last."
        return [Finding("learning_rate_schedule", "note", text, evidence, source=SOURCE, figures=(figure,))]

    def _now(self) -> float:
        return max((float(group["lr"]) for group in self.optimizer.param_groups), default=0.0)


_EARLY = (
    "The schedule is made for a shorter training, or counted in epochs and stepped at every update.",
    "Give the schedule the length of this loop in the units in which it is stepped.",
)
_NEVER = ("The learning rate is 0.", "Set a learning rate, or step the schedule that raises it from 0.")
