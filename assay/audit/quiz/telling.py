"""Answers as findings: how fast, how sure, how constant; and labels that people and model contradict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from assay.audit.agreement.annotations import MISSING, Annotations, Repeat
from assay.audit.agreement.estimate import share_of
from assay.audit.quiz.answers import Answer
from assay.audit.quiz.plan import USUAL_GAP, Plan, others_between
from assay.audit.quiz.standing import Standing
from assay.data.data import Data
from assay.figure import Table
from assay.finding import Finding

SHOWN = 20
SOURCE = "Karpathy 2019, A Recipe for Training Neural Networks, step 2: human baseline"


def tell_person(
    plan: Plan,
    person: str,
    given: Mapping[int, Answer],
    labels: np.ndarray,
    truth: np.ndarray,
    repeats: Sequence[Repeat],
) -> Finding:
    """How many questions were answered and how fast, and how often the second answer was the first one."""
    answered, unsure = int((labels != MISSING).sum()), _unsure(plan, given)
    firm = [answer.seconds for answer in given.values() if answer.action == "answer"]
    told = f"{person} answered {len(given)} of {len(plan)} questions"
    evidence: dict[str, Any] = {"n": len(given), "asked": len(plan), "unsure": unsure, "split": plan.split}
    if firm:
        low, middle, high = np.quantile(firm, [0.25, 0.5, 0.75]).tolist()
        told += f", in {middle:.1f} s each (median; half of them in {low:.1f}–{high:.1f} s)"
        evidence["seconds"] = {"median": middle, "quarter": low, "three_quarters": high, "n": len(firm)}
    told += "."
    if repeats:
        alike = share_of(sum(repeat.first == repeat.again for repeat in repeats), len(repeats))
        same = round(alike.value * alike.n)
        told += (
            f" Of {alike.n} examples shown again {same} got the same answer: self-agreement {alike.value:.1%} "
            f"({alike.low:.1%}–{alike.high:.1%})."
        )
        between = others_between(plan)
        if min(between) < USUAL_GAP:
            told += f" They came again after as few as {min(between)} others and may be remembered."
            evidence["others_between"] = min(between)
        evidence["self_agreement"] = vars(alike)
    if unsure and answered:
        wrong = share_of(int((labels[labels != MISSING] == truth[labels != MISSING]).sum()), answered + unsure)
        told += (f" Left unsure were {unsure}; counted as wrong, {person} is right in {wrong.value:.1%} "
                 f"({wrong.low:.1%}–{wrong.high:.1%}).")  # fmt: skip
        evidence["with_unsure_as_wrong"] = vars(wrong)
    return Finding(
        "human_answers", "note", told, evidence,
        cause="Where the second answer differs from the first, the classes blur for that person, or attention did.",
        source=SOURCE,
    )  # fmt: skip


def tell_doubts(annotations: Annotations, truth: np.ndarray, model: np.ndarray | None) -> list[Finding]:
    """Labels that everybody who answered contradicts in the same word: two people, or a person and the model."""
    rows = list[tuple[str, str, str]]()
    for example, labels in enumerate(annotations.labels):
        said = [int(label) for label in labels[labels != MISSING]]
        voices = [*said, int(model[example])] if model is not None and said else said
        if len(voices) >= 2 and len(set(voices)) == 1 and voices[0] != truth[example]:
            rows.append((annotations.ids[example], annotations.classes[truth[example]], annotations.classes[voices[0]]))
    if not rows:
        return []
    who = "people and the model" if model is not None else "people"
    return [
        Finding(
            "label_doubts",
            "note",
            f"{len(rows)} of {len(truth)} labels are contradicted by all who answered, {who}, in the same word: such "
            f"as {rows[0][0]}, labelled {rows[0][1]!r} and called {rows[0][2]!r}.",
            evidence={"n": len(truth), "count": len(rows), "examples": [list(row) for row in rows[:SHOWN]]},
            cause="The label is wrong, or all make the same mistake.",
            fix="Look at them, and decide in the review.",
            figures=(Table("Labels that all contradict", ("example", "label", "all say"), tuple(rows[:SHOWN])),),
        )
    ]


def tell_foreign(answers: Sequence[Answer]) -> list[Finding]:
    """Answers to questions that this draw does not ask."""
    if not answers:
        return []
    first = answers[0]
    return [
        Finding(
            "answers_of_another_draw",
            "suspect",
            f"{len(answers)} answers are to questions that this draw does not ask and do not count, such as that of "
            f"{first.person} to question {first.question + 1}, {first.id}.",
            evidence={"count": len(answers), "examples": [answer.id for answer in answers[:SHOWN]]},
            cause="Other data, or another seed, number of questions or split than when they were given.",
            fix="Ask for the result as the questions were drawn, or begin a new file of answers.",
        )
    ]


def tell_late(late: Mapping[str, int]) -> list[Finding]:
    """Answers of each person that were given after the result was shown."""
    if not late:
        return []
    told = ", ".join(f"{count} of {person}" for person, count in sorted(late.items()))
    return [
        Finding(
            "answers_after_result",
            "suspect",
            f"Answers given by those who had seen the result: {told}. They count, but are less blind.",
            evidence={"count": sum(late.values()), "people": dict(late)},
            cause="The result tells where person and label differ, and how often.",
            fix="For a baseline to rely on, let another person answer, who looks at the result at the end.",
        )
    ]


def tell_unknown(data: Data, plan: Plan, standing: Standing) -> list[Finding]:
    """Answers that name no class of the data."""
    classes = set(data.specification.classes)
    every = [answer for words in standing.values() for answer in words.values()]
    strange = [answer for answer in every if answer.label is not None and answer.label not in classes]
    if not strange:
        return []
    first = strange[0]
    return [
        Finding(
            "answers_of_no_class",
            "suspect",
            f"{len(strange)} of {len(every)} answers name no class and do not count, such as {first.label!r} of "
            f"{first.person} to {first.id}.",
            evidence={"count": len(strange), "labels": sorted({str(answer.label) for answer in strange})[:SHOWN]},
            cause="The classes were called otherwise when the question was answered, or the file was edited by hand.",
            fix="Answer these questions again, or mend the names in the file.",
        )
    ]


def _unsure(plan: Plan, given: Mapping[int, Answer]) -> int:
    """Of first showings: examples, not questions."""
    return sum(answer.action == "unsure" and not plan.questions[answer.question].is_repeat for answer in given.values())
