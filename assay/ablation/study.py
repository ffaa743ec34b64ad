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

from assay.ablation.designs.design import Arm, Contrast, Design
from assay.ablation.effect import Verdict
from assay.ablation.sequential import LEAST_CHANCE, Looks, chance_of_deciding, decide
from assay.errors import InputError
from assay.paired import interval_and_power, p_value
from assay.recipe import Recipe, RecipeError, Trick, describe_part
from assay.trial import Measure


@dataclass(frozen=True)
class StudiedEffect:
    """What a trick, or a pair of them, was worth.

    estimate, low, high: mean of the contrast with its own 95 % interval, not corrected for the family.
    n: paired seeds. p: two-sided, of this effect alone.
    verdict: helps or hurts only where the family's error rate allows it; nan estimates have none.
    chance_it_helps: posterior, under a flat prior: 1 - p / 2 where the estimate is above 0.
    detectable: the smallest effect that so many seeds and examples mostly show, alone.
    reason: why it was not measured to the end; empty otherwise.
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
    reason: str = ""


@dataclass(frozen=True)
class Study:
    """effects in the order of the design. trainings: how many there were; fixed: how many without stopping early."""

    design: str
    meaning: str
    effects: tuple[StudiedEffect, ...]
    looks: Looks
    trainings: int
    fixed: int


@dataclass
class _Course:
    """One contrast as the study goes on."""

    place: int
    rows: list[np.ndarray] = field(default_factory=list)
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
    share_used: Callable[[], float] = lambda: 0.0,
) -> Study:
    """Train what the design asks, look, and go on with what is unclear.

    Args:
        measure: trains and judges a recipe on a seed; one that finds finished trainings again makes a study resume.
        design: of the number of tricks; see `assay.ablation.designs.catalog`.
        looks: 3, 5, 8 and 12 seeds by default; a single look is a design of fixed size.
        share_used: asked before each further look for the part of the time that is gone.
    Raises:
        InputError: no trick was given, or one cannot join the others in an arm; nothing is trained then.
    """
    looks = looks or Looks()
    if not tricks:
        raise InputError("tricks must name at least one, got none; see `assay tricks` for those there are")
    made = design(len(tricks))
    recipes = compose_arms(baseline, tricks, made, range(looks.seeds[-1]))
    courses = [_Course(place) for place in range(len(made.contrasts(0)))]
    trainings, level = set[tuple[Arm, int]](), 0.0
    decided: set[int] = set()
    for look, seeds in enumerate(looks.seeds):
        for seed in range(looks.seeds[look - 1] if look else 0, seeds):
            _train(made.contrasts(seed), courses, recipes, measure, seed, trainings)
        is_last = look == len(looks.seeds) - 1 or share_used() >= 1 - share_of_next(looks, look)
        level = looks.share(look, is_last=is_last)
        _look(courses, decided, level, looks)
        if is_last or not any(course.state == "open" for course in courses):
            break
    names = [" and ".join(describe_part(tricks[j]) for j in one.tricks) for one in made.contrasts(0)]
    contrasts = made.contrasts(0)
    effects = tuple(
        _effect(course, name, contrasts[course.place].tricks, course.place in decided)
        for course, name in zip(courses, names, strict=True)
    )
    fixed = sum(len(made.arms(seed)) for seed in range(looks.seeds[-1]))
    return Study(made.name, made.meaning, effects, looks, len(trainings), fixed)


def compose_arms(baseline: Recipe, tricks: Sequence[Trick], design: Design, seeds: Sequence[int]) -> dict[Arm, Recipe]:
    """The recipe of every arm of every seed.

    Raises:
        InputError: tricks that cannot stand together in one arm, or not on this baseline.
    """
    recipes = dict[Arm, Recipe]()
    for arm in {arm for seed in seeds for arm in design.arms(seed)}:
        recipe = baseline
        for j in arm:
            try:
                recipe = recipe | tricks[j]
            except RecipeError as error:
                raise InputError(f"design {design.name} stacks {describe_part(tricks[j])} on "
                                 f"{' | '.join(describe_part(tricks[i]) for i in arm if i < j) or 'the baseline'}: "
                                 f"{error}; leave one out, or take --design add-one") from error  # fmt: skip
        recipes[arm] = recipe
    return recipes


def share_of_next(looks: Looks, look: int) -> float:
    """What part of all time the seeds up to the next look will take, at most, beyond those up to this one."""
    if look + 1 >= len(looks.seeds):
        return 0.0
    return (looks.seeds[look + 1] - looks.seeds[look]) / looks.seeds[look + 1]


def _train(
    contrasts: Sequence[Contrast],
    courses: Sequence[_Course],
    recipes: dict[Arm, Recipe],
    measure: Measure,
    seed: int,
    trainings: set[tuple[Arm, int]],
) -> None:
    """Every arm that an open contrast needs, once."""
    wanted = [course for course in courses if course.state == "open"]
    scores = dict[Arm, np.ndarray]()
    for course in wanted:
        one = contrasts[course.place]
        for arm, _ in one.weights:
            if arm not in scores:
                trial = measure(recipes[arm], seed)
                finite = math.isfinite(trial.value) and math.isfinite(trial.loss)
                scores[arm] = trial.example_scores if finite else np.full(1, np.nan)
                trainings.add((arm, seed))
        if any(np.isnan(scores[arm]).any() for arm, _ in one.weights):
            course.state, course.reason = "diverged", f"a training diverged with seed {seed}"
        else:
            course.rows.append(sum(weight * scores[arm] for arm, weight in one.weights) + np.zeros(1))


def _look(courses: Sequence[_Course], decided: set[int], share: float, looks: Looks) -> None:
    family = [course for course in courses if course.state != "diverged" and course.place not in decided]
    p_values = {str(course.place): p_value(course.differences) for course in family}
    for name in decide(p_values, share, alpha=looks.alpha):
        courses[int(name)].state = "decided"
        decided.add(int(name))
    level = (
        looks.alpha * looks.share(len(looks.seeds) - 1) / max(1, len(family) - len(decided & set(map(int, p_values))))
    )
    for course in (course for course in courses if course.state == "open"):
        if chance_of_deciding(course.differences, looks.seeds[-1], level) < LEAST_CHANCE:
            course.state, course.reason = "let go", "more seeds would hardly have made it clear"


def _effect(course: _Course, name: str, tricks: Arm, is_decided: bool) -> StudiedEffect:
    if course.state == "diverged" or len(course.rows) < 2:
        nan = math.nan
        return StudiedEffect(
            name, tricks, nan, nan, nan, len(course.rows), nan, "no measurable effect", nan, nan, course.reason
        )
    differences = course.differences
    estimate, p = float(differences.mean()), p_value(differences)
    half, detectable = interval_and_power(differences)
    verdict: Verdict = ("helps" if estimate > 0 else "hurts") if is_decided else "no measurable effect"
    chance = 1 - p / 2 if estimate > 0 else p / 2
    return StudiedEffect(name, tricks, estimate, estimate - half, estimate + half, len(course.rows), p, verdict, chance,
                         detectable, course.reason)  # fmt: skip
