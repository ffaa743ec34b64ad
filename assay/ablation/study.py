"""A study: the arms of a design trained seed by seed until each effect is clear, hopeless, or out of time.

    study = run_study(baseline, [Cosine(), Mixup(0.2)], measure_on(data), design=find_design("add-one"))

Every effect is a contrast between trainings on the same seeds, judged on the same examples. After each look the clear
ones are decided (`assay.ablation.sequential`), and only arms that an open contrast needs are trained further.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from assay.ablation.arms import compose_arms
from assay.ablation.designs.design import Arm, Contrast, Design
from assay.ablation.effect import Verdict
from assay.ablation.sequential import LEAST_CHANCE, Looks, chance_of_deciding, decide
from assay.errors import InputError
from assay.paired import interval_and_power, p_value
from assay.recipe import Recipe, Trick, describe_part
from assay.trial import Measure, Trial


@dataclass(frozen=True)
class StudiedEffect:
    """What a trick, or a pair of them, was worth.

    estimate, low, high: mean of the contrast with its own 95 % interval, not corrected for the family.
    n: paired seeds. p: two-sided, of this effect alone.
    verdict: helps or hurts only where the family's error rate allows it; nan estimates have none.
    chance_it_helps: posterior, under a flat prior: 1 - p / 2 where the estimate is above 0, else p / 2.
    detectable: the smallest effect that so many seeds and examples mostly show, alone.
    seconds_per_step_ratio: with it by without it, median over seeds; nan of pairs, whose contrast is no ratio.
    reason: why it was not followed to the most seeds; empty where it was, or is decided.
    """

    name: str
    tricks: Arm
    estimate: float
    low: float
    high: float
    n: int
    p: float
    verdict: Verdict
    chance_it_helps: float
    detectable: float
    seconds_per_step_ratio: float
    reason: str = ""


@dataclass(frozen=True)
class Study:
    """effects in the order of the design.

    trainings: how many there were; fixed: how many it would have been without stopping early.
    out_of_time: whether it ended before what was open had its most seeds.
    """

    design: str
    meaning: str
    effects: tuple[StudiedEffect, ...]
    looks: Looks
    trainings: int
    fixed: int
    out_of_time: bool = False


@dataclass
class _Course:
    """One contrast as the study goes on."""

    tricks: Arm
    rows: list[np.ndarray] = field(default_factory=list)
    ratios: list[float] = field(default_factory=list)
    state: str = "open"
    reason: str = ""

    @property
    def differences(self) -> np.ndarray:
        return np.stack(self.rows)


def run_study(
    baseline: Recipe,
    tricks: Sequence[Trick],
    measure: Measure,
    *,
    design: Callable[[int], Design],
    looks: Looks | None = None,
    first_seed: int = 0,
    share_used: Callable[[], float] = lambda: 0.0,
) -> Study:
    """Train what the design asks, look, and go on with what is unclear.

    Args:
        measure: trains and judges a recipe on a seed; one that finds finished trainings again makes a study resume.
        design: of the number of tricks; see `assay.ablation.designs.catalog`.
        looks: 3, 5, 8 and 12 seeds by default; a single look is a design of fixed size.
        first_seed: trainings have this seed and those after it.
        share_used: asked before each further look for the part of the time that is gone.
    Raises:
        InputError: no trick was given, or one cannot join the others in an arm; nothing is trained then.
    """
    looks = looks or Looks()
    if not tricks:
        raise InputError("tricks must name at least one, got none; see `assay tricks` for those there are")
    made = design(len(tricks))
    seeds = range(first_seed, first_seed + looks.seeds[-1])
    recipes = compose_arms(baseline, tricks, made, seeds)
    courses, trials = [_Course(one.tricks) for one in made.contrasts(first_seed)], dict[tuple[Arm, int], Trial]()
    is_last = False
    for look, upto in enumerate(looks.seeds):
        for seed in seeds[looks.seeds[look - 1] if look else 0 : upto]:
            for course, one in zip(courses, made.contrasts(seed), strict=True):
                if course.state == "open":
                    _follow(course, {arm: _trial(arm, seed, recipes, measure, trials) for arm, _ in one.weights}, one)
        is_last = look == len(looks.seeds) - 1 or share_used() >= 1 - share_of_next(looks, look)
        _look(courses, looks.share(look, is_last=is_last), looks)
        if is_last or not any(course.state == "open" for course in courses):
            break
    out_of_time = _end(courses, looks)
    effects = tuple(_effect(one, " and ".join(describe_part(tricks[j]) for j in one.tricks)) for one in courses)
    fixed = sum(len(made.arms(seed)) for seed in seeds)
    return Study(made.name, made.meaning, effects, looks, len(trials), fixed, out_of_time)


def share_of_next(looks: Looks, look: int) -> float:
    """What part of all time the seeds up to the next look will take, at most, beyond those up to this one.

    (n_next - n_now) / n_next
    """
    if look + 1 >= len(looks.seeds):
        return 0.0
    return (looks.seeds[look + 1] - looks.seeds[look]) / looks.seeds[look + 1]


def _trial(
    arm: Arm, seed: int, recipes: dict[Arm, Recipe], measure: Measure, trials: dict[tuple[Arm, int], Trial]
) -> Trial:
    """Trained when it is first asked for."""
    if (arm, seed) not in trials:
        trials[arm, seed] = measure(recipes[arm], seed)
    return trials[arm, seed]


def _follow(course: _Course, trials: dict[Arm, Trial], contrast: Contrast) -> None:
    """One more seed of an open contrast."""
    broken = [trial for trial in trials.values() if not (math.isfinite(trial.value) and math.isfinite(trial.loss))]
    if broken:
        course.state, course.reason = "diverged", f"a training diverged with seed {broken[0].seed}"
        return
    course.rows.append(np.sum([weight * trials[arm].example_scores for arm, weight in contrast.weights], axis=0))
    course.ratios.append(_ratio(trials, contrast))


def _ratio(trials: dict[Arm, Trial], contrast: Contrast) -> float:
    """Weighted mean seconds a step of the arms that have the trick, by that of those that have not."""
    sides = [
        sum(abs(weight) * trials[arm].seconds_per_step for arm, weight in contrast.weights if weight * sign > 0)
        for sign in (1, -1)
    ]
    return sides[0] / sides[1] if len(contrast.tricks) == 1 and sides[1] > 0 else math.nan


def _end(courses: Sequence[_Course], looks: Looks) -> bool:
    """Say of what is still open why it ends; whether it was for want of time."""
    for course in (course for course in courses if course.state == "open" and len(course.rows) < looks.seeds[-1]):
        course.state, course.reason = "out of time", "the time was over"
    return any(course.state == "out of time" for course in courses)


def _look(courses: Sequence[_Course], share: float, looks: Looks) -> None:
    family = {str(place): course for place, course in enumerate(courses) if course.state not in ("diverged", "decided")}
    clear = decide({name: p_value(course.differences) for name, course in family.items()}, share, alpha=looks.alpha)
    for name in clear:
        family[name].state, family[name].reason = "decided", ""
    level = looks.alpha * looks.share(len(looks.seeds) - 1) / max(1, len(family) - len(clear))
    for course in (course for course in courses if course.state == "open"):
        if chance_of_deciding(course.differences, looks.seeds[-1], level) < LEAST_CHANCE:
            course.state, course.reason = "let go", "more seeds would hardly have made it clear"


def _effect(course: _Course, name: str) -> StudiedEffect:
    n = len(course.rows)
    if course.state == "diverged" or n < 2:
        nan = math.nan
        return StudiedEffect(
            name, course.tricks, nan, nan, nan, n, nan, "no measurable effect", nan, nan, nan, course.reason
        )
    differences = course.differences
    estimate, p = float(differences.mean()), p_value(differences)
    half, detectable = interval_and_power(differences)
    verdict: Verdict = "no measurable effect"
    if course.state == "decided":
        verdict = "helps" if estimate > 0 else "hurts"
    chance, ratio = 1 - p / 2 if estimate > 0 else p / 2, float(np.median(course.ratios))
    return StudiedEffect(name, course.tricks, estimate, estimate - half, estimate + half, n, p, verdict,
                         chance, detectable, ratio, course.reason)  # fmt: skip
