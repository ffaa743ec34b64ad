"""Where a person and the labels differ: each example as the person saw it, with what was said and what it is called."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from assay.audit.quiz import standing_answers
from assay.audit.quiz.plan import Question
from assay.audit.texts.passages import beginning_of
from assay.ui.addresses import browse, text
from assay.ui.quiz import Quiz

MOST = 48
FIRST_LETTERS = 400
"""Of a text; the whole one stands in Browse."""
MOST_CELLS = 60
Row = Callable[[Question], tuple[tuple[str, str], ...]]


@dataclass(frozen=True)
class Difference:
    """One example whose first answer is another class than its label.

    number: of the question. address: in Browse. passage: how its text begins. cells: of a table, by their columns.
    """

    number: int
    address: str
    said: str
    label: str
    passage: str
    cells: tuple[tuple[str, str], ...]


def find_differences(quiz: Quiz, person: str, row: Row | None) -> tuple[Difference, ...]:
    """In the order of the questions, at most 48.

    Args:
        row: tells the cells of a question; None where examples are pictures.
    """
    data, plan = quiz.data, quiz.plan
    given = standing_answers(plan, quiz.read().answers).get(person, {})
    targets, classes = getattr(data, plan.split).targets, data.specification.classes
    found = list[Difference]()
    for question in plan.examples:
        answer = given.get(question.number)
        label = classes[int(targets[question.position])]
        if answer is None or answer.label in (None, label) or len(found) == MOST:
            continue
        cells = () if row is None else row(question)[:MOST_CELLS]
        found.append(Difference(question.number, browse(f"id = {text(question.id)}"), str(answer.label), label,
                                beginning_of(data, question.id, FIRST_LETTERS), cells))  # fmt: skip
    return tuple(found)
