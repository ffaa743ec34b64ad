"""What the answers of a quiz say: how good people are, how sure of themselves, and beside what a model says.

Accuracy counts the first answer to each example. The second answers tell how often a person agrees with oneself:
labels of that person cannot be more reliable, and no model that learns from them can be shown to be.

Source: Karpathy 2019, A Recipe for Training Neural Networks, step 2: human baseline.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int

from assay.audit.agreement import Annotations, describe_agreement, describe_person, measure_agreement
from assay.audit.agreement.annotations import MISSING, Repeat
from assay.audit.quiz.answers import Answer, AnswerLog
from assay.audit.quiz.plan import Plan
from assay.audit.quiz.seen import answers_after_result
from assay.audit.quiz.standing import Standing, foreign_answers, standing_answers
from assay.audit.quiz.telling import tell_doubts, tell_foreign, tell_late, tell_person, tell_unknown
from assay.data.data import Data
from assay.errors import InputError
from assay.finding import Finding, Report, Skipped

STAGE = "human baseline"


@dataclass(frozen=True, eq=False)
class Rival:
    """What somebody else answers to the plan's examples: a model, or a simple predictor.

    answers: class index of each of `plan.examples`, in their order.
    is_model: the one model that people are compared with; the others are baselines.
    """

    name: str
    answers: Int[np.ndarray, " examples"]
    is_model: bool = False
    untold: str = ""
    """What could not be done: why it has no answers, or what of it was not checked."""


def tell_result(
    data: Data, plan: Plan, answers: AnswerLog | Iterable[Answer], *, model: Sequence[Rival] | None = None
) -> Report:
    """Everything that can be said so far; it may be asked for at any time, also before the last question.

    Args:
        answers: of one person or of several, as `read_answers` gives them.
        model: a model's answers and those of dumb baselines, as `assay.stages.quiz_rivals.find_rivals` gives them.
    Returns:
        For each person a finding `human_baseline` (accuracy with its interval, beside model and baselines; confusion
        as figures) and `human_answers` (median seconds, unsure, self-agreement). With two people who share examples
        `annotator_agreement` (Cohen's and Fleiss' kappa). Of labels that people and model all contradict,
        `label_doubts`. Without any answer the report has no finding and says in `skipped` why.
    Raises:
        InputError: a rival does not answer each of the plan's examples.
    """
    started = time.perf_counter()
    set_aside = answers.findings if isinstance(answers, AnswerLog) else ()
    given = answers.answers if isinstance(answers, AnswerLog) else tuple(answers)
    standing = standing_answers(plan, given)
    asked = tuple(model or ())
    rivals = _checked(plan, tuple(one for one in asked if len(one.answers) or not one.untold))
    annotations = gather(data, plan, standing)
    truth = getattr(data, plan.split).targets[[example.position for example in plan.examples]].numpy()
    findings = [
        *set_aside,
        *tell_foreign(foreign_answers(plan, given)),
        *tell_unknown(data, plan, standing),
        *tell_late(answers_after_result(plan, given)),
        *_people(data, plan, annotations, truth, standing, rivals),
        *_between(annotations, truth),
        *tell_doubts(annotations, truth, next((one.answers for one in rivals if one.is_model), None)),
    ]
    skipped = () if (annotations.labels != MISSING).any() else (Skipped("human_baseline", "nobody has answered yet"),)
    untold = tuple(Skipped(one.name, one.untold) for one in asked if one.untold)
    return Report(STAGE, tuple(findings), (*skipped, *untold), time.perf_counter() - started)


def gather(data: Data, plan: Plan, standing: Standing) -> Annotations:
    """First answers as a table of examples and people, and the pairs of first and second answer."""
    classes = data.specification.classes
    index = {name: position for position, name in enumerate(classes)}
    row = {example.position: number for number, example in enumerate(plan.examples)}
    people = tuple(person for person, words in standing.items() if words)
    labels = np.full((len(row), len(people)), MISSING, dtype=np.int64)
    repeats = list[Repeat]()
    for column, person in enumerate(people):
        words = {number: index.get(answer.label or "", MISSING) for number, answer in standing[person].items()}
        asked = [question for question in plan.questions if words.get(question.number, MISSING) != MISSING]
        for question in (one for one in asked if not one.is_repeat):
            labels[row[question.position], column] = words[question.number]
        for question in (one for one in asked if one.is_repeat):
            first = int(labels[row[question.position], column])
            if first != MISSING:
                repeats.append(Repeat(row[question.position], column, first, words[question.number]))
    return Annotations(tuple(example.id for example in plan.examples), people, classes, labels, tuple(repeats))


def _people(
    data: Data, plan: Plan, annotations: Annotations, truth: np.ndarray, standing: Standing, rivals: Sequence[Rival]
) -> list[Finding]:
    model = next((rival.answers for rival in rivals if rival.is_model), None)
    baselines = {rival.name: rival.answers for rival in rivals if not rival.is_model}
    found = list[Finding]()
    for column, person in enumerate(annotations.annotators):
        labels = annotations.labels[:, column]
        if (labels != MISSING).any():
            name = f"{person} (a person)" if person in (*baselines, "the model") else person
            found += describe_person(
                labels, truth, classes=data.specification.classes, model=model, baselines=baselines, name=name
            )
        own = [repeat for repeat in annotations.repeats if repeat.annotator == column]
        found.append(tell_person(plan, person, standing[person], labels, truth, own))
    return found


def _between(annotations: Annotations, truth: np.ndarray) -> list[Finding]:
    """Agreement between people; what they say together is of no use where the label is known."""
    if not ((annotations.labels != MISSING).sum(1) >= 2).any():
        return []
    told = describe_agreement(measure_agreement(annotations, reference=truth))
    return [finding for finding in told if finding.id != "fused_labels"]


def _checked(plan: Plan, rivals: Sequence[Rival]) -> Sequence[Rival]:
    n = len(plan.examples)
    for rival in rivals:
        if len(rival.answers) != n:
            raise InputError(f"{rival.name} must answer each of the {n} examples of the plan, got {len(rival.answers)}")
    if sum(rival.is_model for rival in rivals) > 1:
        names = ", ".join(rival.name for rival in rivals if rival.is_model)
        raise InputError(f"people are compared with one model, got {names}; mark the others as baselines")
    return rivals
