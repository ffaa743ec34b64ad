"""`assay advise RUN`: what a run's measurements say is to be done next, each as one command."""

from __future__ import annotations

import json as json_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assay.cli import options
from assay.cli.page import check_page
from assay.errors import InputError

if TYPE_CHECKING:
    from assay.advice.session import AdviceSession

Run = Annotated[
    Path | None, typer.Argument(help="Folder of a run or a training, finished or stopped.", show_default=False)
]
Target = Annotated[
    float | None,
    typer.Option(help="The score that is wanted; a person's, where `assay human` was asked.", show_default=False),
]
Journal = Annotated[
    Path | None, typer.Option(help="The project's history; advice.jsonl beside the run without it.", show_default=False)
]
Follow = Annotated[
    list[str] | None,
    typer.Option(
        help="RULE=FOLDER: a rule's command was run into this folder; may be given again.", show_default=False
    ),
]


def advise(
    run: Run = None,
    target: Target = None,
    follow: Follow = None,
    history: Annotated[
        bool, typer.Option("--history", help="Show what was advised so far, and what came of it.")
    ] = False,
    journal: Journal = None,
    page: options.Page = None,
    json: options.Json = False,
) -> None:
    """What to do next: rules over a run's measurements, each advice one command; and what came of earlier advice."""
    if history:
        return show_history(run, journal, as_json=json)
    if run is None:
        raise InputError("RUN is missing; name a run's folder, or ask for --history")
    from assay.advice.session import advise_on
    from assay.advice.telling import plain, tell_lines

    check_page(page, str(run))
    session = advise_on(run, target=target, history=journal, renamed=parse_follow(follow or []))
    if page is not None:
        write_page(session, run, page)
    print(json_module.dumps(plain(session), indent=2) if json else "\n".join(tell_lines(session)))


def show_history(run: Path | None, journal: Path | None, *, as_json: bool) -> None:
    """The project's file, read back."""
    from dataclasses import asdict

    from assay.advice.history import FILE, history_file, read_history
    from assay.advice.telling import history_lines
    from assay.cli.folders import ROOT

    path = journal or (ROOT / FILE if run is None else history_file(run))
    log = read_history(path)
    if as_json:
        plain: dict[str, Any] = {
            "file": str(path),
            "entries": [asdict(one) for one in log.entries],
            "set_aside": [vars(one) for one in log.set_aside],
        }
        print(json_module.dumps(plain, indent=2))
    else:
        print("\n".join(history_lines(log)))


def parse_follow(pairs: list[str]) -> dict[str, str]:
    """`capacity=assay-runs/digits-9` as a mapping.

    Raises:
        InputError: it is no such pair, the rule is unknown, or there is no such folder.
    """
    from difflib import get_close_matches

    from assay.advice.rule_catalog import ADVISING

    names, found = [rule.name for rule in ADVISING], dict[str, str]()
    for pair in pairs:
        rule, sign, folder = pair.partition("=")
        if not sign or rule not in names:
            near = get_close_matches(rule, names, n=1)
            hint = f"did you mean {near[0]}?" if near else "the rules stand in brackets after each advice"
            raise InputError(f"--follow {pair!r} must be RULE=FOLDER with a known rule; {hint}")
        if not Path(folder).is_dir():
            raise InputError(f"--follow {pair!r}: there is no folder {folder}; name the one the command wrote to")
        found[rule] = folder
    return found


def write_page(session: AdviceSession, run: Path, page: Path) -> None:
    """The advice as a page."""
    import torch

    from assay.advice.telling import make_report
    from assay.report import write_html
    from assay.report.story import DataSummary, RunStory, StageStory
    from assay.stages.telling import hardware, versions

    m, report = session.counsel.measurements, make_report(session)
    question = f"What do the measurements of {run} say is to be done next?"
    status = "partial" if report.skipped else "done"
    stage = StageStory("advise", "Advice", question, status, report.seconds, report)
    sizes = (("training", m.examples), ("validation", m.validation_examples))
    known = tuple((name, count) for name, count in sizes if count is not None)
    task = "classification" if m.metric == "accuracy" else "regression"
    story = RunStory(
        source=m.asked.source, name=m.asked.source, seed=m.asked.seed, seconds=report.seconds, budget_seconds=None,
        hardware=hardware(torch.device("cpu")), data=DataSummary(task, m.input_shape, tuple(m.per_class), known),
        stages=(stage,), versions=versions(),
    )  # fmt: skip
    write_html(story, page)
