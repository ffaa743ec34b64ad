"""`assay human SOURCE`: how good a person is at the task, blind and timed, beside a model and dumb baselines."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assay.cli import alone, options

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


def human(
    source: options.Source,
    answers: Answers = None,
    person: Annotated[str | None, typer.Option(help="Who answers; the name of this user by default.")] = None,
    questions: Annotated[int, typer.Option(min=1, help="Different examples to be asked about.")] = 100,
    repeated: Annotated[int | None, typer.Option(min=0, help="Of them shown twice; a tenth by default.")] = None,
    split: Annotated[
        str, typer.Option(help="validation, or test once the model's own look at it is over.")
    ] = "validation",
    model: Model = None,
    result: Annotated[bool, typer.Option("--result", help="Ask nothing, only tell what the answers say.")] = False,
    target: options.Target = None,
    group: options.Group = None,
    size: options.Size = None,
    skip_bad: options.SkipBad = False,
    impute: options.Impute = False,
    decisions: options.Decisions = None,
    seed: options.Seed = 0,
    page: alone.Page = None,
    json: options.Json = False,
) -> None:
    """How good a person is at it: random held-out examples, blind and timed, some shown twice."""
    from rich.console import Console

    from assay.audit.decisions import apply_decisions, read_decisions
    from assay.audit.quiz import draw_plan, read_answers, tell_result
    from assay.cli.asking import ask_all, require_same_draw
    from assay.cli.one_report import tell_alone
    from assay.cli.printing import check_page, print_stage
    from assay.cli.ui import user_name
    from assay.data.open import open_data
    from assay.rivals import find_model, simple_rivals

    if page is not None:
        check_page(page, source)
    data = open_data(source, target=target, group=group, size=options.parse_size(size), skip_bad=skip_bad,
                     impute=impute, seed=seed)  # fmt: skip
    if decisions is not None:
        data = apply_decisions(data, read_decisions(decisions), seed=seed)
    path, who = answers or usual_answers(data.name), person or user_name()
    plan = draw_plan(data, questions=questions, repeated=questions // 10 if repeated is None else repeated, seed=seed,
                     split=split)  # fmt: skip
    if path.exists() or result:
        require_same_draw(plan, read_answers(path))
    beside = () if model is None else (find_model(data, plan, model),)
    # Only the report goes to standard output.
    if not result and not ask_all(data, plan, path, who, Console(stderr=True)):
        return
    with Console(stderr=True).status("fits baselines"):
        rivals = (*beside, *simple_rivals(data, plan, seed=seed))
    report = tell_result(data, plan, read_answers(path), model=rivals)
    story = tell_alone(report, data, source=source, seed=seed, title="Human baseline",
                       question="How often is a person right on examples that no model learnt from?")  # fmt: skip
    print_stage(story, as_json=json, page=page)


def usual_answers(name: str) -> Path:
    """Where the answers about data are kept: beside the folders of its runs, since a run takes a folder whole."""
    from assay.cli.folders import ROOT, plain_name

    return ROOT / f"human-{plain_name(name)}.jsonl"
