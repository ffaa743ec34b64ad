"""The human baseline as the page holds it: which questions, whose answers, and who people are held against.

The questions are settled once, in a small file beside the answers, so that a second person, or the same one on
another day, is asked the same.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from threading import Lock, Thread
from typing import TYPE_CHECKING, Literal

from assay.audit.quiz import (
    Answer,
    AnswerLog,
    Plan,
    Question,
    append_answer,
    check_appendable,
    draw_plan,
    is_sealed,
    last_answered,
    next_question,
    note_seen,
    read_answers,
    reply,
    standing_answers,
    take_back,
)
from assay.audit.quiz.plan import USUAL_QUESTIONS
from assay.audit.quiz.seen import SEALED
from assay.audit.quiz.standing import foreign_answers
from assay.errors import InputError

if TYPE_CHECKING:
    from assay.audit.quiz.result import Rival
    from assay.data.data import Data


@dataclass(frozen=True)
class Setting:
    """What a draw of questions depends on, beside the data. questions: different examples; a tenth comes twice."""

    questions: int = USUAL_QUESTIONS
    split: str = "validation"
    seed: int = 0

    @property
    def repeated(self) -> int:
        return self.questions // 10


@dataclass(frozen=True)
class Stand:
    """How far one person is."""

    person: str
    answered: int
    total: int

    @property
    def is_done(self) -> bool:
        return self.answered >= self.total


@dataclass(eq=False)
class Quiz:
    """The questions about one data set and the file of answers.

    path: of the answers; the file that settles the questions lies beside it.
    Raises:
        InputError: the data has no classes to choose from, or the settled questions cannot be read.
    """

    data: Data
    path: Path
    seed: int = 0
    setting: Setting = field(init=False)
    plan: Plan = field(init=False)
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self.setting = read_setting(self.settled) or Setting(split=usual_split(self.data), seed=self.seed)
        self.plan = self._draw(self.setting)

    @property
    def settled(self) -> Path:
        """Where the setting is kept."""
        return self.path.with_suffix(".questions.json")

    @property
    def key(self) -> str:
        """Tells this draw from another, and nothing of its examples."""
        return hashlib.blake2b(repr(self.plan).encode(errors="surrogatepass"), digest_size=8).hexdigest()

    @property
    def is_begun(self) -> bool:
        """Whether anybody has answered, after which the questions stay as they are."""
        return any(answer.action != "shown" for answer in self.read().answers)

    def read(self) -> AnswerLog:
        """What the file says now."""
        return read_answers(self.path) if self.path.exists() else AnswerLog(self.path, ())

    def begin(self, setting: Setting) -> None:
        """Settle the questions; those that somebody has answered stay.

        Raises:
            InputError: the numbers or the split do not do, or nothing can be written there.
        """
        with self._lock:
            if not self.is_begun and setting != self.setting:
                self.plan, self.setting = self._draw(setting), setting
            check_appendable(self.path)
            write_setting(self.settled, self.setting)

    def stands(self) -> tuple[Stand, ...]:
        """Everybody who has answered something."""
        standing = standing_answers(self.plan, self.read().answers)
        return tuple(Stand(person, len(words), len(self.plan)) for person, words in standing.items() if words)

    def foreign(self) -> int:
        """How many answers of the file are to other questions: of another draw, or of other data."""
        return len(foreign_answers(self.plan, self.read().answers))

    def question_for(self, person: str) -> Question | None:
        """What to ask next; None when all is answered."""
        return next_question(self.plan, self.read().answers, person)

    def answer(self, number: int, person: str, *, label: str | None, seconds: float) -> bool:
        """Keep an answer; it is on the disk on return. False if it was not to the question that is asked now."""
        with self._lock:
            question = self.question_for(person)
            if question is None or question.number != number:
                return False
            append_answer(self.path, reply(question, person, label=label, seconds=seconds))
            return True

    def undo(self, person: str) -> Answer | None:
        """Take back the person's last answer, and tell which.

        Raises:
            InputError: the person has seen the result since.
        """
        with self._lock:
            given = self.read().answers
            if is_sealed(self.plan, given, person):
                raise InputError(SEALED)
            last = last_answered(self.plan, given, person)
            if last is not None:
                append_answer(self.path, take_back(last))
            return last

    def can_undo(self, person: str) -> bool:
        """Whether there is an answer to take back."""
        return last_answered(self.plan, self.read().answers, person) is not None

    def note_seen(self, person: str) -> None:
        """Keep that this person is shown the result."""
        with self._lock:
            note_seen(self.path, self.plan, person)

    def _draw(self, setting: Setting) -> Plan:
        return draw_plan(self.data, **asdict(setting), repeated=setting.repeated)


@dataclass(eq=False)
class Rivals:
    """The model and the baselines on the same questions: asked in the background, once for each draw.

    problem: why there is no model among them.
    """

    data: Data
    model: Path | None
    state: Literal["unasked", "asking", "ready"] = "unasked"
    plan: Plan | None = None
    found: tuple[Rival, ...] = ()
    problem: str = ""
    _lock: Lock = field(default_factory=Lock)

    def ask(self, plan: Plan) -> bool:
        """Whether all have answered these questions; begins to ask them if not."""
        with self._lock:
            if self.state == "unasked" or self.plan != plan:
                self.state, self.plan = "asking", plan
                Thread(target=self.make, args=(plan,), name="rivals", daemon=True).start()
            return self.state == "ready"

    def make(self, plan: Plan) -> None:
        """Ask them; a model that cannot be asked leaves the baselines, which missing cells may keep from answering."""
        from assay.stages.quiz_rivals import find_rivals

        problem, found = "", ()
        for model in dict.fromkeys((self.model, None)):
            try:
                found = find_rivals(self.data, plan, model)
                break
            except Exception as error:  # whatever it is, who waits for the thread would wait for ever
                problem = problem or " ".join(str(error).split())
        with self._lock:
            if plan == self.plan:
                self.found, self.problem, self.state = found, problem, "ready"


def answers_beside(decisions: Path) -> Path:
    """`decisions.jsonl` -> `answers.jsonl`, `dd.decisions.jsonl` and `dd.jsonl` -> `dd.answers.jsonl`."""
    name = decisions.name
    if "decisions" in name:
        return decisions.with_name(name.replace("decisions", "answers"))
    return decisions.with_name(f"{name.removesuffix('.jsonl')}.answers.jsonl")


def usual_split(data: Data) -> str:
    """Validation, where it holds something."""
    return "validation" if len(data.validation) else "test"


def read_setting(path: Path) -> Setting | None:
    """What was settled; None if nothing is yet.

    Raises:
        InputError: the file is there and cannot be understood.
    """
    if not path.exists():
        return None
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        known = {name: values[name] for name in ("questions", "split", "seed")}
        if not all(isinstance(known[name], int) for name in ("questions", "seed")):
            raise TypeError("questions and seed must be whole numbers")
        return replace(Setting(), **known)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{path}: does not say which questions were drawn ({error}); remove it to draw anew"
        ) from error


def write_setting(path: Path, setting: Setting) -> None:
    """Keep the setting.

    Raises:
        InputError: it cannot be written.
    """
    try:
        path.write_text(json.dumps(asdict(setting)) + "\n", encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({(error.strerror or str(error)).lower()})") from error
