"""Where each person stands: the answers that count, and the question that comes next."""

from __future__ import annotations

from collections.abc import Iterable

from assay.audit.quiz.answers import Answer
from assay.audit.quiz.plan import Plan, Question

Standing = dict[str, dict[int, Answer]]


def standing_answers(plan: Plan, answers: Iterable[Answer]) -> Standing:
    """Person, then question, then the last answer that was not taken back; in the order they were given.

    Answers to questions that this plan does not ask (another seed, other data) do not count: see `foreign_answers`.
    """
    stacks = dict[str, dict[int, list[Answer]]]()
    for answer in answers:
        if answer.action == "shown" or not is_of(plan, answer):
            continue
        words = stacks.setdefault(answer.person, {})
        stack = words.pop(answer.question, [])
        stack = stack[:-1] if answer.action == "undo" else [*stack, answer]
        # Taken out and put in again, it is the last one.
        if stack:
            words[answer.question] = stack
    return {person: {number: stack[-1] for number, stack in words.items()} for person, words in stacks.items()}


def foreign_answers(plan: Plan, answers: Iterable[Answer]) -> tuple[Answer, ...]:
    """Answers to examples that this plan shows elsewhere or never."""
    return tuple(answer for answer in answers if answer.action != "shown" and not is_of(plan, answer))


def is_of(plan: Plan, answer: Answer) -> bool:
    """Whether the plan asks this example under this number."""
    return answer.question < len(plan) and plan.questions[answer.question].id == answer.id


def next_question(plan: Plan, answers: Iterable[Answer], person: str) -> Question | None:
    """The first question without a standing answer of this person; None when all are answered."""
    given = standing_answers(plan, answers).get(person, {})
    return next((question for question in plan.questions if question.number not in given), None)


def last_answered(plan: Plan, answers: Iterable[Answer], person: str) -> Answer | None:
    """What an undo would take back: this person's latest standing answer; None when there is none.

    What was said before this person saw the result stays: to answer it again would not be blind.
    """
    own = [answer for answer in answers if answer.person == person and is_of(plan, answer)]
    seen = max((place for place, answer in enumerate(own) if answer.action == "shown"), default=-1)
    given = standing_answers(plan, own[seen + 1 :]).get(person, {})
    return next(reversed(given.values()), None)
