"""Who has seen the result: it tells labels; what was said before stays, and what is said after is less blind."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from assay.audit.journal import time_now
from assay.audit.quiz.answers import Answer, append_answer, read_answers
from assay.audit.quiz.plan import Plan
from assay.audit.quiz.standing import is_of, last_answered, standing_answers
from assay.errors import InputError

SEALED = "what you answered before you saw the result stays: to answer it again would not be blind; go on with the rest"


def note_seen(path: Path, plan: Plan, person: str) -> None:
    """Keep that the person is shown the result now, unless that was their last word; makes no file."""
    if not path.exists():
        return
    own = [one for one in read_answers(path).answers if one.person == person and is_of(plan, one)]
    if own and own[-1].action == "shown":
        return
    first = plan.questions[0]
    # Who may not write there cannot take an answer back either.
    with suppress(InputError):
        append_answer(path, Answer(first.number, first.id, "shown", person, 0.0, time_now()))


def is_sealed(plan: Plan, answers: Iterable[Answer], person: str) -> bool:
    """Whether there are answers of this person, but all of them from before they saw the result."""
    given = tuple(answers)
    return bool(standing_answers(plan, given).get(person)) and last_answered(plan, given, person) is None


def answers_after_result(plan: Plan, answers: Iterable[Answer]) -> dict[str, int]:
    """How many standing answers each person gave after the result was first shown to them; without those of none."""
    given = tuple(answers)
    saw, late = set[str](), set[int]()
    for answer in given:
        if answer.action == "shown" and is_of(plan, answer):
            saw.add(answer.person)
        elif answer.person in saw:
            late.add(id(answer))
    standing = standing_answers(plan, given)
    counts = {person: sum(id(answer) in late for answer in words.values()) for person, words in standing.items()}
    return {person: count for person, count in counts.items() if count}
