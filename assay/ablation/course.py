"""One contrast of a study as it goes on: a row of differences for each seed, and whether it is still open."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from assay.ablation.designs.design import BASELINE, Arm, Contrast
from assay.ablation.effect import Verdict
from assay.ablation.judge import Judge
from assay.ablation.power import Plan, smallest_found
from assay.ablation.studied import StudiedEffect
from assay.ablation.two_intervals import interval_of
from assay.paired import p_value
from assay.trial import Trial

State = Literal["open", "decided", "let go", "diverged", "out of time", "passed over"]


@dataclass
class Course:
    """rows: (examples,) of each seed, the weighted sum of scores. ratios: of seconds a step, with it by without.

    epochs: of each seed, of the trainings with it and without. whole_ratios: as ratios, of all seconds of a training.
    is_followed: whether it has further seeds, as some designs give them to what is decided too.
    p_adjusted: for the family and the looks, the least of the looks up to now; nan before the first.
    """

    tricks: Arm
    judge: Judge
    rows: list[np.ndarray] = field(default_factory=list)
    ratios: list[float] = field(default_factory=list)
    epochs: list[tuple[float, float]] = field(default_factory=list)
    whole_ratios: list[float] = field(default_factory=list)
    state: State = "open"
    reason: str = ""
    verdict: Verdict = "no measurable effect"
    is_followed: bool = True
    p_adjusted: float = math.nan

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
        self.ratios.append(_ratio({arm: trial.seconds_per_step for arm, trial in trials.items()}, contrast))
        self.whole_ratios.append(_ratio({arm: trial.seconds for arm, trial in trials.items()}, contrast))
        self.epochs.append(_sides({arm: trial.recipe.epochs for arm, trial in trials.items()}, contrast))

    def decide(self, *, is_followed: bool) -> None:
        """It is clear by what is known now."""
        self.state, self.verdict, self.reason = "decided", "helps" if self.is_better else "hurts", ""
        self.is_followed = is_followed

    def end(self, state: State, reason: str = "") -> None:
        """It is trained no further, and why."""
        self.state, self.reason, self.is_followed = state, reason, False

    def effect(self, name: str, in_full: str, plan: Plan) -> StudiedEffect:
        """What is known of it now.

        Args:
            plan: how it was looked at, beside how many others.
        """
        n, nan = len(self.rows), math.nan
        if self.state == "diverged" or n < 2:
            return StudiedEffect(name, self.tricks, nan, nan, nan, n, nan, "no measurable effect", nan, nan, nan,
                                 self.reason, in_full)  # fmt: skip
        differences = self.differences
        estimate, p = float(differences.mean()), p_value(differences)
        low, high = interval_of(differences, self.judge.interval)
        # Passed over, it had a part of its looks, for what others are worth: what would have been found is not known.
        detectable = nan if self.state == "passed over" else smallest_found(differences, plan)
        chance = 1 - p / 2 if self.is_better else p / 2
        ratio, *ends = _median_and_range(self.ratios)
        return StudiedEffect(name, self.tricks, estimate, low, high, n, p, self.verdict, chance, detectable, ratio,
                             self.reason, in_full, (ends[0], ends[1]),
                             tuple(np.mean(self.epochs, axis=0).tolist()),
                             _median_and_range(self.whole_ratios)[0], self.p_adjusted)  # fmt: skip


def _median_and_range(ratios: Sequence[float]) -> tuple[float, float, float]:
    """Of those that are known; nan where none is."""
    known = [ratio for ratio in ratios if not math.isnan(ratio)]
    return (float(np.median(known)), min(known), max(known)) if known else (math.nan, math.nan, math.nan)


def _ratio(values: Mapping[Arm, float], contrast: Contrast) -> float:
    with_it, without = _sides(values, contrast)
    return with_it / without if without > 0 else math.nan


def _sides(values: Mapping[Arm, float], contrast: Contrast) -> tuple[float, float]:
    """Weighted means over the arms that have the trick and over those that have not; nan of pairs, which have both."""
    if len(contrast.tricks) > 1:
        return math.nan, math.nan
    with_it, without = ([(arm, abs(w)) for arm, w in contrast.weights if w * sign > 0] for sign in (1, -1))
    return _mean(values, with_it), _mean(values, without)


def _mean(values: Mapping[Arm, float], weights: Sequence[tuple[Arm, float]]) -> float:
    return sum(values[arm] * weight for arm, weight in weights) / sum(weight for _, weight in weights)
