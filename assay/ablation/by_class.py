"""What each trick did to each class: the same contrasts, of the metric of one class.

    a class is clear where    p <= alpha / (looks * effects * classes)

That is Bonferroni's bound over everything that may be asked, so it holds at whichever look the trainings of a trick
ended. Classes of fewer than ten validation examples have no verdict and are not counted: of so few, an interval over
examples is not to be believed. The verdicts over all classes together have this error rate, beside that of the tricks
themselves.

Source: Dunn 1961, Multiple Comparisons Among Means.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from assay.ablation.course import Course
from assay.ablation.designs.design import Arm, Contrast, Design
from assay.ablation.effect import Verdict
from assay.ablation.judge import RARE, Judge
from assay.ablation.sequential import Looks
from assay.ablation.two_intervals import interval_of
from assay.paired import p_value
from assay.recipe import Trick, describe_part
from assay.trial import Trial


@dataclass(frozen=True)
class ClassEffect:
    """The effect of a trick on one class, over n seeds and so many validation examples of the class.

    verdict: too few examples where there are fewer than ten, whatever the estimate.
    """

    name: str
    label: str
    estimate: float
    low: float
    high: float
    n: int
    examples: int
    verdict: Verdict | Literal["too few examples"]


def effects_of_classes(
    courses: Sequence[Course], design: Design, tricks: Sequence[Trick], trials: Mapping[tuple[Arm, int], Trial],
    looks: Looks, judge: Judge, seeds: Sequence[int],
) -> tuple[ClassEffect, ...]:  # fmt: skip
    """Of every effect that has an estimate, each class that has a validation example; none where none were asked."""
    if judge.targets is None or not judge.classes:
        return ()
    present = [label for label in range(len(judge.classes)) if (judge.targets == label).any()]
    judged = sum(int((judge.targets == label).sum()) >= RARE for label in present)
    level = looks.alpha / (len(looks.seeds) * len(courses) * max(1, judged))
    found = list[ClassEffect]()
    for place, course in enumerate(courses):
        if course.state == "diverged" or len(course.rows) < 2:
            continue
        contrasts = {seed: design.contrasts(seed)[place] for seed in seeds[: len(course.rows)]}
        name = " and ".join(describe_part(tricks[j]) for j in course.tricks)
        found += [_effect(name, label, contrasts, trials, judge, level) for label in present]
    return tuple(found)


def _effect(
    name: str, label: int, contrasts: Mapping[int, Contrast], trials: Mapping[tuple[Arm, int], Trial], judge: Judge,
    level: float,
) -> ClassEffect:  # fmt: skip
    differences = np.stack([
        np.sum([weight * judge.scores_of_class(trials[arm, seed], label) for arm, weight in one.weights], axis=0)
        for seed, one in contrasts.items()
    ])  # fmt: skip
    estimate = float(differences.mean())
    low, high = interval_of(differences, judge.interval)
    examples = int((judge.targets == label).sum())
    verdict: Verdict | Literal["too few examples"] = "no measurable effect"
    if examples < RARE:
        verdict = "too few examples"
    elif p_value(differences) <= level:
        verdict = "helps" if estimate * judge.metric.sign > 0 else "hurts"
    return ClassEffect(name, judge.classes[label], estimate, low, high, len(differences), examples, verdict)
