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
    is_sealed,
    last_answered,
    next_question,
    read_answers,
    reply,
    take_back,
)
from assay.audit.quiz.altered import tell_altered
from assay.audit.quiz.seen import SEALED
from assay.audit.quiz.standing import foreign_answers
from assay.audit.texts.passages import passages_of, stand_ins_of
from assay.cli.entry import Entry, have_keys, legend, understand
from assay.cli.folders import StoppedError
from assay.cli.keys import Read, typed
from assay.cli.showing import require_showable, show_example
from assay.data.data import Data
from assay.errors import InputError

if TYPE_CHECKING:
    from rich.console import Console

ALL_ONCE = "Every example comes once; with --repeated 2 or more, some come again and tell how constant the answers are."


def ask_all(data: Data, plan: Plan, path: Path, person: str, console: Console) -> bool:
    """Ask what this person has not answered; False when they stopped before the end.

    Raises:
        InputError: the answers cannot be kept, or the examples cannot be shown here.
        StoppedError: Ctrl-C; all answers until then are kept.
    """
    require_showable(data.specification, console)
    path.parent.mkdir(parents=True, exist_ok=True)
    check_appendable(path)
    # What is told before the first question stays in view with it.
    console.clear()
    for told in tell_altered(data):
        console.print(f"The examples are asked about as they were read: {told}\n", style="yellow", markup=False)
    if not any(question.is_repeat for question in plan.questions):
        console.print(f"{ALL_ONCE}\n", style="dim", highlight=False)
    is_first = True
    try:
        with typed(single_keys=have_keys(data.specification.classes)) as read:
            while (question := next_question(plan, answers_in(path), person)) is not None:
                sealed = is_sealed(plan, answers_in(path), person)
                if not is_first:
                    console.clear()
                said, is_first = ask(data, plan, question, person, read, console, sealed=sealed), False
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


def ask(
    data: Data, plan: Plan, question: Question, person: str, read: Read, console: Console, *, sealed: bool = False
) -> Answer | Entry | None:
    """Show one question and wait for what can be understood; None where the person stops.

    Args:
        sealed: there is nothing that may still be taken back.
    """
    classes = data.specification.classes
    console.print(f"Question {question.number + 1} of {len(plan)}", style="bold", end="\n\n")
    shown = getattr(data, plan.split).gather(torch.tensor([question.position]))[0]
    passages = passages_of(data, question.id)
    show_example(console, data.specification, shown, passages=passages, left_out=stand_ins_of(data))
    console.print(f"\n{legend(classes)}", style="dim", markup=False, highlight=False)
    started = time.monotonic()
    entry = wait_for_entry(read, classes, console, sealed=sealed)
    if entry is None or entry.action == "quit":
        return None
    if entry.action == "undo":
        return entry
    return reply(question, person, label=entry.label, seconds=time.monotonic() - started)


def is_taken_back(read: Read, console: Console) -> bool:
    """Whether the person thinks otherwise of the last answer of all, before the result can change their mind."""
    console.print("That was the last question. Z takes its answer back; anything else shows the result.")
    return (read() or "").lower() in ("z", ":z")


def wait_for_entry(read: Read, classes: Sequence[str], console: Console, *, sealed: bool = False) -> Entry | None:
    """The first entry that can be understood and done; None at the end of the input."""
    while (text := read()) is not None:
        try:
            entry = understand(text, classes, by_key=read.by_key)
            if not (sealed and entry.action == "undo"):
                return entry
            console.print(SEALED, style="yellow")
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
