"""What a person said to a question, how long that took, and the append-only file it is kept in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import Any, Literal, get_args

from assay.audit import journal
from assay.audit.journal import Log, SetAside, check_time, check_word, time_now
from assay.audit.quiz.plan import Question
from assay.errors import InputError
from assay.finding import Finding

Action = Literal["answer", "unsure", "undo", "shown"]
ACTIONS: tuple[Action, ...] = get_args(Action)
NEEDED = ("question", "id", "action", "person", "seconds", "time")
WHAT = "answers"


@dataclass(frozen=True)
class Answer:
    """One person's answer to one question; `undo` takes back the same person's last word on it.

    `shown` is no answer: the person saw the result; its question is the first of the plan that it was the result of.

    question: its number in the plan, from 0.
    id: the example that was shown.
    label: the name of a class; for `answer` only.
    seconds: from when the example was seen to when the answer was given.
    time: when it was given, in UTC and ISO 8601.
    line: where it stands in its file, from 1; no part of what was said.
    """

    question: int
    id: str
    action: Action
    person: str
    seconds: float
    time: str
    label: str | None = None
    line: int | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        _check(vars(self))

    def to_line(self) -> bytes:
        """One line of UTF-8 with its end; `from_values` reads its values back."""
        values = {name: getattr(self, name) for name in (*NEEDED, "label")}
        return json.dumps(values, ensure_ascii=False).encode() + b"\n"

    @classmethod
    def from_values(cls, values: Mapping[str, Any], *, line: int | None = None) -> Answer:
        """Keys that are not known are left alone: later versions may write more.

        Raises:
            InputError: a key is missing, or a value is not what it must be.
        """
        missing = [name for name in NEEDED if name not in values]
        if missing:
            raise InputError(f"lacks {missing[0]!r}")
        known: dict[str, Any] = {name: values.get(name) for name in (*NEEDED, "label")}
        _check(known)
        return cls(**known, line=line)


@dataclass(frozen=True)
class AnswerLog:
    """All answers of a file in their order, of whatever person, and the lines set aside."""

    path: Path
    answers: tuple[Answer, ...]
    set_aside: tuple[SetAside, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """A `suspect` that names every line set aside, if there is one."""
        return Log(self.path, WHAT, self.answers, self.set_aside).tell_set_aside(
            cause="A program or machine stopped in the middle of a line, or the file was edited by hand.",
            fix="These questions are asked again; all other answers count.",
        )


def reply(question: Question, person: str, *, label: str | None, seconds: float) -> Answer:
    """An answer given now; label None is `unsure`.

    Raises:
        InputError: an empty name, or seconds that are no number from 0 on.
    """
    action: Action = "unsure" if label is None else "answer"
    return Answer(question.number, question.id, action, person, round(seconds, 3), time_now(), label)


def take_back(answer: Answer) -> Answer:
    """The undo of this answer, said now."""
    return Answer(answer.question, answer.id, "undo", answer.person, 0.0, time_now())


def append_answer(path: Path, answer: Answer) -> None:
    """Add the answer to the file, which is made if it is not there; on return it is on the disk.

    Raises:
        InputError: the file cannot be written, or the disk is full; the file is then as it was before.
    """
    journal.append_line(path, answer.to_line(), what=WHAT)


def check_appendable(path: Path) -> None:
    """Before the first question: that answers can be kept at all. Makes no file.

    Raises:
        InputError: the file cannot be written.
    """
    journal.check_appendable(path, what=WHAT)


def read_answers(path: Path) -> AnswerLog:
    """Every answer of the file, each with its line; lines that are none are set aside by their number.

    Raises:
        InputError: there is no such file, or it cannot be read at all.
    """
    log = journal.read_lines(path, lambda values, line: Answer.from_values(values, line=line), what=WHAT)
    return AnswerLog(path, log.entries, log.set_aside)


def _check(values: Mapping[str, Any]) -> None:
    number, action, label, seconds = (values[name] for name in ("question", "action", "label", "seconds"))
    if not isinstance(number, int) or isinstance(number, bool) or number < 0:
        raise InputError(f"question must be a whole number from 0 on, got {number!r}")
    for name in ("id", "person"):
        check_word(name, values[name])
    if action not in ACTIONS:
        raise InputError(f"action must be one of {', '.join(ACTIONS)}, got {action!r}")
    if (action == "answer") != (label is not None):
        rule = "an answer needs one" if action == "answer" else f"{action!r} takes none"
        raise InputError(f"label must fit the action, got {label!r}; {rule}")
    if label is not None:
        check_word("label", label)
    is_number = isinstance(seconds, (int, float)) and not isinstance(seconds, bool)
    if not is_number or not isfinite(seconds) or seconds < 0:
        raise InputError(f"seconds must be a number from 0 on, got {seconds!r}")
    check_time(values["time"])
