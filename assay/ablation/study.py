"""A study: the arms of a design trained seed by seed until each effect is clear, hopeless, or out of time.

    study = run_study(baseline, [Cosine(), Mixup(0.2)], in_turn(measure_on(data)), design=find_design("add-one"))

Every effect is a contrast between trainings on the same seeds, judged on the same examples. After each look the clear
ones are decided (`assay.ablation.sequential`), and only arms that an open contrast needs are trained further.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from assay.ablation.arms import compose_arms
from assay.ablation.by_class import effects_of_classes
from assay.ablation.course import Course, State
from assay.ablation.curves import curves_of
from assay.ablation.designs.design import Arm, Design
from assay.ablation.judge import Judge
from assay.ablation.level import level_of
from assay.ablation.power import Plan
from assay.ablation.sequential import LEAST_CHANCE, Looks, adjust, chance_of_deciding, decide
from assay.ablation.studied import Study
from assay.ablation.wording import named_in_full
from assay.errors import InputError
from assay.paired import p_value
from assay.recipe import Recipe, Trick, describe_part
from assay.trial import MeasureAll, Trial

Trials = dict[tuple[Arm, int], Trial]


def run_study(
    baseline: Recipe,
    tricks: Sequence[Trick],
    measure_all: MeasureAll,
    *,
    design: Callable[[int], Design],
    looks: Looks | None = None,
    first_seed: int = 0,
    share_used: Callable[[], float] = lambda: 0.0,
    judge: Judge | None = None,
    until_one_helps: bool = False,
) -> Study:
    """Train what the design asks, look, and go on with what is unclear.

    Args:
        measure_all: trains and judges recipes on seeds; one that finds finished trainings again makes a study resume.
        design: of the number of tricks; see `assay.ablation.designs.catalog`.
        looks: 3, 5, 8 and 12 seeds by default; a single look is a design of fixed size.
        first_seed: trainings have this seed and those after it.
        share_used: asked before each further look for the part of the time that is gone.
        judge: by what metric; the one that trials bring along by default.
        until_one_helps: whether the look at which a trick is clearly for the better is the last.
    Raises:
        InputError: no trick was given, or one cannot join the others in an arm; nothing is trained then.
    """
    looks, judge = looks or Looks(), judge or Judge()
    if not tricks:
        raise InputError("tricks must name at least one, got none; see `assay tricks` for those there are")
    made, seeds = design(len(tricks)), range(first_seed, first_seed + looks.seeds[-1])
    arms = _Arms(made, compose_arms(baseline, tricks, made, seeds), measure_all)
    courses = [Course(one.tricks, judge) for one in made.contrasts(first_seed)]
    whole = None if made.whole is None else Course(made.whole.tricks, judge)
    final = _go_through_looks(arms, courses, looks, seeds, share_used, whole, until_one_helps=until_one_helps)
    out_of_time = _end(courses, looks, "out of time", "the time was over")
    plan = Plan(looks, len(courses), final, lets_go=whole is None)
    of_all = None if whole is None else whole.effect("all together", "", replace(plan, family=1))
    effects = tuple(one.effect(*_names([tricks[j] for j in one.tricks]), plan) for one in courses)
    fixed = sum(len(made.arms(seed)) for seed in seeds)
    of_classes = effects_of_classes(courses, made, tricks, arms.trials, looks, judge, seeds)
    return Study(made.name, made.meaning, effects, looks, len(arms.trials), fixed, out_of_time, judge,
                 of_classes=of_classes, curves=curves_of(arms.trials, tricks),
                 examples=next(iter(arms.trials.values())).n,
                 whole=of_all, level=level_of(arms.trials, len(tricks), judge))  # fmt: skip


def _names(tricks: Sequence[Trick]) -> tuple[str, str]:
    """In short, and with all arguments."""
    return " and ".join(map(describe_part, tricks)), " and ".join(map(named_in_full, tricks))


def share_of_next(looks: Looks, look: int) -> float:
    """What part of all time the seeds up to the next look will take, at most, beyond those up to this one.

    (n_next - n_now) / n_next
    """
    if look + 1 >= len(looks.seeds):
        return 0.0
    return (looks.seeds[look + 1] - looks.seeds[look]) / looks.seeds[look + 1]


@dataclass
class _Arms:
    """What a design trains: its arms, their recipes, and the trainings that are done."""

    design: Design
    recipes: Mapping[Arm, Recipe]
    measure_all: MeasureAll
    trials: Trials = field(default_factory=dict)

    def train(self, courses: Sequence[Course], seeds: Sequence[int]) -> None:
        """The trainings of these seeds that an open contrast needs, each once and all asked for together."""
        wanted = {
            (arm, seed): None
            for seed in seeds
            for course, one in zip(courses, self.design.contrasts(seed), strict=True) if course.is_followed
            for arm, _ in one.weights if (arm, seed) not in self.trials
        }  # fmt: skip
        trained = self.measure_all([(self.recipes[arm], seed) for arm, seed in wanted])
        self.trials |= zip(wanted, trained, strict=True)

    def follow(self, courses: Sequence[Course], seeds: Iterable[int], whole: Course | None = None) -> None:
        """Let open contrasts have them, and what these are shares of."""
        for seed in seeds:
            pairs = list(zip(courses, self.design.contrasts(seed), strict=True))
            if whole is not None and self.design.whole is not None and any(course.is_followed for course in courses):
                pairs.append((whole, self.design.whole))
            for course, one in pairs:
                if course.is_followed:
                    course.follow({arm: self.trials[arm, seed] for arm, _ in one.weights}, one)


def _go_through_looks(
    arms: _Arms, courses: Sequence[Course], looks: Looks, seeds: Sequence[int], share_used: Callable[[], float],
    whole: Course | None, *, until_one_helps: bool,
) -> int:  # fmt: skip
    """The look that was the last, or would have been for whatever is still open."""
    for look, upto in enumerate(looks.seeds):
        coming = seeds[looks.seeds[look - 1] if look else 0 : upto]
        arms.train(courses, coming)
        arms.follow(courses, coming, whole)
        is_last = look == len(looks.seeds) - 1 or share_used() >= 1 - share_of_next(looks, look)
        _look(courses, looks.share(look, is_last=is_last), looks, is_together=whole is not None)
        if until_one_helps and any(course.state == "decided" and course.is_better for course in courses):
            _end(courses, looks, "passed over", "another was clear before")
        if is_last:
            return look
        if not _open(courses):
            break
    return len(looks.seeds) - 1


def _look(courses: Sequence[Course], share: float, looks: Looks, *, is_together: bool) -> None:
    """Decide what is clear, and let go what will hardly be; together, only where all that is open is let go."""
    family = {str(place): course for place, course in enumerate(courses) if course.state not in ("diverged", "decided")}
    p_values = {name: p_value(course.differences) for name, course in family.items()}
    for name, p in adjust(p_values, share).items():
        family[name].p_adjusted = float(np.fmin(family[name].p_adjusted, p))
    clear = decide(p_values, share, alpha=looks.alpha)
    for name in clear:
        family[name].decide(is_followed=is_together)
    level = looks.alpha * looks.share(len(looks.seeds) - 1) / max(1, len(family) - len(clear))
    hopeless = [
        course for course in _open(courses)
        if chance_of_deciding(course.differences, looks.seeds[-1], level) < LEAST_CHANCE
    ]  # fmt: skip
    if is_together and len(hopeless) < len(_open(courses)):
        return
    for course in hopeless:
        course.end("let go", "more seeds would hardly have made it clear")


def _open(courses: Sequence[Course]) -> list[Course]:
    return [course for course in courses if course.state == "open"]


def _end(courses: Sequence[Course], looks: Looks, state: State, reason: str) -> bool:
    """Say of what is still open why it ends before it had the most seeds; whether there was any."""
    ended = [course for course in _open(courses) if len(course.rows) < looks.seeds[-1]]
    for course in ended:
        course.end(state, reason)
    return bool(ended)
