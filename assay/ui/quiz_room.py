"""What the tab of the human baseline shows: the start, one question at a time, the result."""

from __future__ import annotations

import itertools
import shlex
from dataclasses import dataclass, replace
from typing import Any

import torch

from assay.artifact import FILE
from assay.audit.quiz import tell_result
from assay.audit.quiz.altered import tell_altered
from assay.audit.quiz.plan import HELD_OUT, USUAL_QUESTIONS, Question
from assay.audit.quiz.row_text import read_row
from assay.audit.texts.passages import passages_of, stand_ins_of
from assay.finding import Finding, Report
from assay.ui.asked import Asked
from assay.ui.choices import choices, label_meant
from assay.ui.not_there import NotThereError
from assay.ui.opening import resolve
from assay.ui.quiz import Quiz, Rivals, Setting, answers_beside
from assay.ui.quiz_differences import find_differences
from assay.ui.thumbnails import Picture, draw_example, is_drawn, is_pixels
from assay.ui.workspace import Workspace

LARGE = 640
SMALL_PIXELS = 96
MOST_BUTTONS = 10
MOST_VALUES = 60
"""Of a vector that is shown as numbers; a longer one is drawn as a line."""


@dataclass(eq=False)
class QuizRoom:
    """One quiz and its rivals."""

    asked: Asked
    quiz: Quiz
    rivals: Rivals

    @classmethod
    def open(cls, workspace: Workspace) -> QuizRoom:
        """With the answers beside the decisions, and the model of the run if it has one.

        Raises:
            InputError: the data has no classes, or holds nothing out.
        """
        subject, _ = workspace.ready()
        assert workspace.decisions is not None
        asked, folder = resolve(workspace.asked)
        model = folder if folder is not None and (folder / FILE).is_file() else None
        quiz = Quiz(subject.data, answers_beside(workspace.decisions), asked.seed)
        return cls(asked, quiz, Rivals(subject.data, model))

    def start(self, person: str) -> dict[str, Any]:
        """What the first page knows."""
        data, quiz = self.quiz.data, self.quiz
        splits = {name: len(getattr(data, name)) for name in HELD_OUT if len(getattr(data, name))}
        return {
            "person": person, "splits": splits, "setting": quiz.setting, "stands": quiz.stands(),
            "is_begun": quiz.is_begun, "foreign": quiz.foreign(), "file": quiz.path, "total": len(quiz.plan),
            "has_model": self.rivals.model is not None, "most": max(splits.values()),
            "set_aside": quiz.read().findings, "altered": self.altered,
        }  # fmt: skip

    def begin(self, questions: int | None, split: str | None) -> None:
        """Settle the questions, and let model and baselines answer them meanwhile.

        Raises:
            InputError: a number or split that does not do.
        """
        now = self.quiz.setting
        split = split or now.split
        # More than there are would not be a tenth that comes twice.
        most = len(getattr(self.quiz.data, split)) if split in HELD_OUT else None
        wanted = min(now.questions if questions is None else questions, most or USUAL_QUESTIONS)
        self.quiz.begin(replace(now, questions=wanted, split=split))
        self.rivals.ask(self.quiz.plan)

    def ask(self, person: str, said: str = "") -> dict[str, Any]:
        """The question that comes next, blind: neither label nor id."""
        question = self.quiz.question_for(person)
        assert question is not None
        specification = self.quiz.data.specification
        few = len(specification.classes) <= MOST_BUTTONS
        return {
            "person": person, "question": question, "draw": self.quiz.key, "total": len(self.quiz.plan), "said": said,
            "rows": () if self.is_drawn else self._row(question),
            "passages": passages_of(self.quiz.data, question.id),
            "is_small": self.is_small, "choices": choices(specification) if few else (),
            "answered": sum(stand.answered for stand in self.quiz.stands() if stand.person == person),
            "can_undo": self.quiz.can_undo(person),
        }  # fmt: skip

    def answer(self, number: int, person: str, typed: str | None, seconds: float) -> None:
        """Keep it, unless it is to a question that was answered meanwhile; None means unsure.

        Raises:
            InputError: no class fits, or the file cannot be written.
        """
        label = None if typed is None else str(label_meant(self.quiz.data.specification, typed))
        self.quiz.answer(number, person, label=label, seconds=seconds)

    def picture(self, number: int) -> Picture:
        """What is shown of a question; its address tells nothing of the example.

        Raises:
            NotThereError: there is no such question.
        """
        if not 0 <= number < len(self.quiz.plan):
            raise NotThereError(f"question must be from 0 to {len(self.quiz.plan) - 1}, got {number}; reload the page")
        return draw_example(self._inputs(self.quiz.plan.questions[number]), self.quiz.data.specification, LARGE)

    def result(self, person: str) -> dict[str, Any]:
        """What can be said so far, and where this person and the labels differ."""
        quiz, is_ready = self.quiz, self.rivals.ask(self.quiz.plan)
        quiz.note_seen(person)
        report = tell_result(quiz.data, quiz.plan, quiz.read(), model=self.rivals.found if is_ready else ())
        stand = next((stand for stand in quiz.stands() if stand.person == person), None)
        return {
            "person": person, "stand": stand, "stands": quiz.stands(), "report": report, "is_ready": is_ready,
            "lead": lead_of(report, person), "model": self.rivals.model, "problem": self.rivals.problem,
            "differences": find_differences(quiz, person, None if self.is_drawn else self._row),
            "file": quiz.path, "total": len(quiz.plan),
            "is_drawn": self.is_drawn, "is_small": self.is_small, "command": self.command,
            "altered": self.altered, "has_rivals": bool(self.rivals.found),
            "is_worded": quiz.data.texts is not None,
        }  # fmt: skip

    @property
    def altered(self) -> tuple[str, ...]:
        """What reading did to the examples that are asked about: people are shown them so."""
        return tell_altered(self.quiz.data)

    @property
    def command(self) -> str:
        """What tells the same in a terminal, beside a model."""
        setting, usual, asked = self.quiz.setting, Setting(), self.asked
        drawn = [(f"--{name}", str(getattr(setting, name))) for name in ("questions", "split", "seed")
                 if getattr(setting, name) != getattr(usual, name)]  # fmt: skip
        read = [(f"--{name}", value) for name, value in (("target", asked.target), ("group", asked.group)) if value]
        size = [] if asked.size is None else [("--size", "x".join(map(str, asked.size)))]
        flags = [f"--{name.replace('_', '-')}" for name in ("skip_bad", "impute") if getattr(asked, name)]
        options = [*read, *size, ("--answers", str(self.quiz.path)), *drawn]
        return shlex.join(("assay", "human", asked.place, *flags, *itertools.chain(*options), "--model", "RUN",
                           "--result"))  # fmt: skip

    @property
    def is_drawn(self) -> bool:
        """Whether an example is a picture or a line; else it is a few values by name."""
        return is_drawn(self.quiz.data.specification, most_values=MOST_VALUES)

    @property
    def is_small(self) -> bool:
        """Whether pixels are shown as squares."""
        specification = self.quiz.data.specification
        return is_pixels(specification) and max(specification.input_shape[1:]) <= SMALL_PIXELS

    def _row(self, question: Question) -> tuple[tuple[str, str], ...]:
        data = self.quiz.data
        return read_row(data.specification, self._inputs(question), stand_ins_of(data))

    def _inputs(self, question: Question) -> torch.Tensor:
        return getattr(self.quiz.data, question.split).gather(torch.tensor([question.position]))[0]


def lead_of(report: Report, person: str) -> dict[str, Any] | None:
    """The person's share right with its interval; None before there is an answer."""
    # Who is called as a baseline is told apart there.
    names = (person, f"{person} (a person)")
    own = (finding.evidence for finding in _baselines(report) if finding.evidence["person"] in names)
    return next((dict(one["accuracy"][one["person"]]) for one in own), None)


def _baselines(report: Report) -> list[Finding]:
    return [finding for finding in report.findings if finding.id == "human_baseline"]
