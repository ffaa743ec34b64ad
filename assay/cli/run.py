"""`assay run SOURCE --budget 30m`: the whole recipe, one report, one model to ship."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assay.cli import options
from assay.errors import InputError
from assay.run_folder import SUMMARY

if TYPE_CHECKING:
    from assay.executors.choose import Workplace
    from assay.report.story import RunStory
    from assay.stages.request import Request
    from assay.tracking.sink import Sink

USUAL_BUDGET = "10m"


@options.spread
def run(
    source: Annotated[
        str | None, typer.Argument(help="As for the other commands; may be left out with --resume.")
    ] = None,
    budget: Annotated[
        str | None, typer.Option(help=f"Time for everything: 90s, 2m, 1.5h, 1h30m; {USUAL_BUDGET} by default.")
    ] = None,
    out: options.Out = None,
    reading: options.Reading = options.AS_IT_LIES,
    decisions: options.Decisions = None,
    seed: options.Seed = 0,
    device: options.Device = None,
    place: options.Place = options.HERE,
    database: Annotated[
        str | None,
        typer.Option(help="SQLAlchemy URL for its state and its trainings; its state is in the folder without it."),
    ] = None,
    track: options.Track = None,
    resume: options.Resume = False,
    strict: options.Strict = False,
) -> None:
    """Inspect, verify, overfit, ablate, tune, squeeze and test, within a time budget."""
    from rich.console import Console

    from assay.budget import parse_seconds
    from assay.cli.folders import choose_folder
    from assay.cli.tracked import choose_tracking
    from assay.report.terminal import render_terminal
    from assay.stages.request import find_request

    if source is None and resume:
        given = {"budget": budget, **vars(reading), "seed": seed, "device": device, "decisions": decisions}
        refuse_unheard([name for name, value in given.items() if value not in (None, False, 0)])
    sinks, workplace = choose_tracking(track), place.workplace()
    folder = choose_folder(out, name=source or "", finished=SUMMARY, resume=resume)
    # Of a named source too: a database that cannot be read is refused before anything is told to trackers.
    request = find_request(folder, database)
    if source is not None:
        seconds = parse_seconds(USUAL_BUDGET if budget is None else budget)
        request = reading.request(source, seconds, seed=seed, device=device, decisions=decisions)
    if request is None and resume:
        raise InputError(
            f"{folder}: holds no run to go on with; name its --database if it has one, or give SOURCE to start"
        )
    if request is None:
        raise InputError("SOURCE is missing; name a data set, or go on with a stopped run by --resume --out FOLDER")
    story = carry_out(request, folder, database=database, workplace=workplace, sinks=sinks)
    render_terminal(story, Console())
    if strict:
        options.exit_if_proved(finding for stage in story.stages for finding in stage.report.findings)


def carry_out(
    request: Request, folder: Path, *, database: str | None, workplace: Workplace, sinks: Sequence[Sink]
) -> RunStory:
    """The whole recipe under a live line, each stage told as soon as it is done; stopped, it says how to go on."""
    from dataclasses import asdict

    from rich.console import Console

    from assay.cli.breaking_off import naming_full_disk
    from assay.cli.folders import stoppable
    from assay.cli.progress import live_progress
    from assay.cli.tracked import tracked
    from assay.pipeline import run as run_recipe
    from assay.report.terminal import render_summary

    console = Console(stderr=True)
    following = tracked(sinks, "run", folder, asdict(request))
    stopping = stoppable(folder, finished=SUMMARY)
    with stopping, naming_full_disk(folder), following, live_progress(console) as announce:
        return run_recipe(request, folder, database=database, workplace=workplace, announce=announce,
                          on_stage=lambda report: render_summary(report, console))  # fmt: skip


def refuse_unheard(names: list[str]) -> None:
    """Refuse options that a run without SOURCE would not listen to.

    Raises:
        InputError: names them.
    """
    if names:
        told = ", ".join(f"--{name}" for name in names).replace("_", "-")
        raise InputError(
            f"{told}: a run that is gone on with keeps what it was started with; leave it out, or start a new run of "
            "a SOURCE"
        )
