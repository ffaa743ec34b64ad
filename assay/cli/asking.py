"""The quiz in a terminal: a question, an answer, the next one; stopped at any time, it goes on where it was."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from assay.audit.quiz import (
    Answer,
    AnswerLog,
    Plan,
    Question,
    append_answer,
    check_appendable,
    last_answered,
    next_question,
    read_answers,
    reply,
    take_back,
)
from assay.audit.quiz.standing import foreign_answers
from assay.cli.entry import Entry, have_keys, legend, understand
from assay.cli.folders import StoppedError
from assay.cli.keys import Read, typed
from assay.cli.showing import require_showable, show_example
from assay.data.data import Data
from assay.errors import InputError

if TYPE_CHECKING:
    from rich.console import Console


def ask_all(data: Data, plan: Plan, path: Path, person: str, console: Console) -> bool:
    """Ask what this person has not answered; False when they stopped before the end.

    Raises:
        InputError: the answers cannot be kept, or the examples cannot be shown here.
        StoppedError: Ctrl-C; all answers until then are kept.
    """
    require_showable(data.specification, console)
    path.parent.mkdir(parents=True, exist_ok=True)
    check_appendable(path)
    try:
        with typed(single_keys=have_keys(data.specification.classes)) as read:
            while (question := next_question(plan, answers_in(path), person)) is not None:
                said = ask(data, plan, question, person, read, console)
                if said is None:
                    console.print(f"{question.number} of {len(plan)} questions are answered; the same command goes on.")
                    return False
                keep(said, plan, path, person)
                if next_question(plan, answers_in(path), person) is None and is_taken_back(read, console):
                    keep(Entry("undo"), plan, path, person)
    except KeyboardInterrupt as stop:
        raise StoppedError("all answers are kept; the same command goes on") from stop
    return True


def answers_in(path: Path) -> tuple[Answer, ...]:
    """Those that were given so far: none where there is no file, which the first answer makes."""
    return read_answers(path).answers if path.exists() else ()


def ask(data: Data, plan: Plan, question: Question, person: str, read: Read, console: Console) -> Answer | Entry | None:
    """Show one question and wait for what can be understood; None where the person stops."""
    classes = data.specification.classes
    console.clear()
    console.print(f"Question {question.number + 1} of {len(plan)}", style="bold", end="\n\n")
    shown = getattr(data, plan.split).gather(torch.tensor([question.position]))[0]
    show_example(console, data.specification, shown)
    console.print(f"\n{legend(classes)}", style="dim", markup=False, highlight=False)
    started = time.monotonic()
    entry = wait_for_entry(read, classes, console)
    if entry is None or entry.action == "quit":
        return None
    if entry.action == "undo":
        return entry
    return reply(question, person, label=entry.label, seconds=time.monotonic() - started)


def is_taken_back(read: Read, console: Console) -> bool:
    """Whether the person thinks otherwise of the last answer of all, before the result can change their mind."""
    console.print("That was the last question. Z takes its answer back; anything else shows the result.")
    return (read() or "").lower() in ("z", ":z")


def wait_for_entry(read: Read, classes: Sequence[str], console: Console) -> Entry | None:
    """The first entry that can be understood; None at the end of the input."""
    while (text := read()) is not None:
        try:
            return understand(text, classes, by_key=read.by_key)
        except InputError as error:
            console.print(str(error), style="yellow", markup=False, highlight=False)
    return None


def keep(said: Answer | Entry, plan: Plan, path: Path, person: str) -> None:
    """Add the answer to the file, or take the last one back if there is one."""
    if isinstance(said, Answer):
        append_answer(path, said)
    elif (last := last_answered(plan, answers_in(path), person)) is not None:
        append_answer(path, take_back(last))


def require_same_draw(plan: Plan, log: AnswerLog) -> None:
    """Refuse to mix answers to different questions in one file.

    Raises:
        InputError: the file has answers to other questions.
    """
    foreign = foreign_answers(plan, log.answers)
    if foreign:
        first = foreign[0]
        raise InputError(
            f"{log.path}: {len(foreign)} of {len(log.answers)} answers are to other questions, such as line "
            f"{first.line} to question {first.question + 1}, {first.id!r}; give the same --seed, --questions, "
            "--repeated, --split and data as then, or another --answers file"
        )
