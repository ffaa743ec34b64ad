"""One contrast of a study as it goes on: a row of differences for each seed, and whether it is still open."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from assay.ablation.designs.design import BASELINE, Arm, Contrast
from assay.ablation.effect import Verdict
from assay.ablation.judge import Judge
from assay.ablation.studied import StudiedEffect
from assay.ablation.two_intervals import interval_and_detectable
from assay.paired import p_value
from assay.trial import Trial

State = Literal["open", "decided", "let go", "diverged", "out of time", "passed over"]


@dataclass
class Course:
    """rows: (examples,) of each seed, the weighted sum of scores. ratios: of seconds a step, with it by without."""

    tricks: Arm
    judge: Judge
    rows: list[np.ndarray] = field(default_factory=list)
    ratios: list[float] = field(default_factory=list)
    state: State = "open"
    reason: str = ""

    @property
    def differences(self) -> np.ndarray:
        """(seeds, examples)."""
        return np.stack(self.rows)

    @property
    def is_better(self) -> bool:
        """Whether the estimate is for the better."""
        return float(self.differences.mean()) * self.judge.metric.sign > 0

    def follow(self, trials: Mapping[Arm, Trial], contrast: Contrast) -> None:
        """One more seed."""
        broken = [
            arm for arm, trial in trials.items() if not (math.isfinite(trial.value) and math.isfinite(trial.loss))
        ]
        if broken:
            whose = "the baseline" if BASELINE in broken else "a training"
            self.end("diverged", f"{whose} diverged with seed {trials[broken[0]].seed}")
            return
        scores = [weight * self.judge.scores(trials[arm]) for arm, weight in contrast.weights]
        self.rows.append(np.sum(scores, axis=0))
        self.ratios.append(_ratio(trials, contrast))

    def end(self, state: State, reason: str = "") -> None:
        """It is trained no further, and why."""
        self.state, self.reason = state, reason

    def effect(self, name: str) -> StudiedEffect:
        """What is known of it now."""
        n, nan = len(self.rows), math.nan
        if self.state == "diverged" or n < 2:
            return StudiedEffect(name, self.tricks, nan, nan, nan, n, nan, "no measurable effect", nan, nan, nan,
                                 self.reason)  # fmt: skip
        differences = self.differences
        estimate, p = float(differences.mean()), p_value(differences)
        low, high, detectable = interval_and_detectable(differences, self.judge.interval)
        verdict: Verdict = "no measurable effect"
        if self.state == "decided":
            verdict = "helps" if self.is_better else "hurts"
        chance, ratio = 1 - p / 2 if self.is_better else p / 2, float(np.median(self.ratios))
        return StudiedEffect(name, self.tricks, estimate, low, high, n, p, verdict, chance, detectable, ratio,
                             self.reason)  # fmt: skip


def _ratio(trials: Mapping[Arm, Trial], contrast: Contrast) -> float:
    """Weighted mean seconds a step of the arms that have the trick, by that of those that have not."""
    sides = [
        sum(abs(weight) * trials[arm].seconds_per_step for arm, weight in contrast.weights if weight * sign > 0)
        for sign in (1, -1)
    ]
    return sides[0] / sides[1] if len(contrast.tricks) == 1 and sides[1] > 0 else math.nan
