"""`assay human SOURCE`: how good a person is at the task, blind and timed, beside a model and dumb baselines."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assay.cli import alone, options
from assay.cli.page import check_page

if TYPE_CHECKING:
    from assay.audit.quiz import Plan, Rival
    from assay.data.data import Data

Answers = Annotated[
    Path | None,
    typer.Option(help="File that answers are added to (JSONL); several people may share it. "
                 "By default assay-runs/human-NAME.jsonl.", show_default=False),
]  # fmt: skip
Model = Annotated[
    Path | None,
    typer.Option(help="Beside whom: a run's folder, a model file, or a table of predictions with id and prediction.",
                 show_default=False),
]  # fmt: skip


@options.spread
def human(
    source: options.Source,
    answers: Answers = None,
    person: Annotated[str | None, typer.Option(help="Who answers; the name of this user by default.")] = None,
    questions: Annotated[int, typer.Option(min=1, help="Different examples to be asked about.")] = 100,
    repeated: Annotated[
        int | None, typer.Option(min=0, help="Of them shown twice; by default a tenth, which of less than ten is none.")
    ] = None,
    split: Annotated[
        str, typer.Option(help="validation, or test once the model's own look at it is over.")
    ] = "validation",
    model: Model = None,
    result: Annotated[bool, typer.Option("--result", help="Ask nothing, only tell what the answers say.")] = False,
    reading: options.Reading = options.AS_IT_LIES,
    decisions: options.Decisions = None,
    seed: options.Seed = 0,
    page: options.Page = None,
    json: options.Json = False,
) -> None:
    """How good a person is at it: random held-out examples, blind and timed, some shown twice."""
    check_page(page, source)
    read, twice = reading.for_opening(), questions // 10 if repeated is None else repeated
    drawn = {"questions": questions, "repeated": twice, "split": split}
    with alone.shown_work():
        data = read_source(source, decisions, seed=seed, **read)
        sitting = sit_down(data, answers, person, model, seed=seed, **drawn)
        if sitting.path.exists() or result:
            sitting.require_same_questions()
    # Only the report goes to standard output.
    if result or sitting.ask():
        sitting.tell(source, as_json=json, page=page)


def read_source(source: str, decisions: Path | None, *, seed: int, **read: Any) -> Data:
    """The data as an inspection reads it: what a training would refuse is told."""
    from assay.audit.decisions import apply_decisions, read_decisions
    from assay.data.open import open_data

    data = open_data(source, seed=seed, tolerant=True, **read)
    return data if decisions is None else apply_decisions(data, read_decisions(decisions), seed=seed)


def sit_down(
    data: Data, answers: Path | None, person: str | None, model: Path | None, *, seed: int, **drawn: Any
) -> Sitting:
    """Draw the questions, and look for the model before anything is asked."""
    from assay.audit.quiz import draw_plan
    from assay.cli.ui import user_name
    from assay.stages.quiz_rivals import find_model

    plan = draw_plan(data, seed=seed, **drawn)
    beside = () if model is None else (find_model(data, plan, model),)
    return Sitting(data, plan, answers or usual_answers(data.name), person or user_name(), seed, beside)


@dataclass(frozen=True, eq=False)
class Sitting:
    """One person before the questions. path: of the answers. beside: the model, if there is one."""

    data: Data
    plan: Plan
    path: Path
    person: str
    seed: int
    beside: tuple[Rival, ...]

    def require_same_questions(self) -> None:
        """Refuse a file with answers to other questions."""
        from assay.audit.quiz import read_answers
        from assay.cli.asking import require_same_draw

        require_same_draw(self.plan, read_answers(self.path))

    def ask(self) -> bool:
        """Ask what is not answered yet; False when the person stopped before the end."""
        from rich.console import Console

        from assay.cli.asking import ask_all

        return ask_all(self.data, self.plan, self.path, self.person, Console(stderr=True))

    def tell(self, source: str, *, as_json: bool, page: Path | None) -> None:
        """Print the result beside model and baselines; from then on answers from before stay."""
        from rich.console import Console

        from assay.audit.quiz import note_seen, read_answers, tell_result
        from assay.cli.one_report import tell_alone
        from assay.cli.printing import print_stage
        from assay.stages.quiz_rivals import simple_rivals

        with Console(stderr=True).status("fits baselines"):
            rivals = (*self.beside, *simple_rivals(self.data, self.plan, seed=self.seed))
        report = tell_result(self.data, self.plan, read_answers(self.path), model=rivals)
        story = tell_alone(report, self.data, source=source, seed=self.seed, title="Human baseline",
                           question="How often is a person right on examples that no model learnt from?")  # fmt: skip
        note_seen(self.path, self.plan, self.person)
        print_stage(story, as_json=as_json, page=page)


def usual_answers(name: str) -> Path:
    """Where the answers about data are kept: beside the folders of its runs, since a run takes a folder whole."""
    from assay.cli.folders import ROOT, plain_name

    return ROOT / f"human-{plain_name(name)}.jsonl"
