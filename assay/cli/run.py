"""`assay run SOURCE --budget 30m`: the whole recipe, one report, one model to ship."""

from __future__ import annotations

from typing import Annotated

import typer

from assay.cli import options


def run(
    source: Annotated[
        str | None, typer.Argument(help="As for the other commands; may be left out with --resume.")
    ] = None,
    budget: Annotated[str, typer.Option(help="Time for everything: 90s, 2m, 1.5h, 1h30m.")] = "10m",
    out: options.Out = None,
    target: options.Target = None,
    group: options.Group = None,
    size: options.Size = None,
    skip_bad: options.SkipBad = False,
    impute: options.Impute = False,
    seed: options.Seed = 0,
    device: options.Device = None,
    database: Annotated[str | None, typer.Option(help="SQLAlchemy URL; SQLite in the folder by default.")] = None,
    resume: options.Resume = False,
    strict: options.Strict = False,
) -> None:
    """Inspect, verify, overfit, ablate, tune, squeeze and test, within a time budget."""
    from rich.console import Console

    from assay.budget import parse_seconds
    from assay.cli.folders import choose_folder
    from assay.cli.progress import live_progress
    from assay.errors import InputError
    from assay.pipeline import Request, find_request
    from assay.pipeline import run as run_recipe
    from assay.report.terminal import render_terminal

    folder = choose_folder(out, name=source or "", finished="summary.json", resume=resume)
    asked = find_request(folder, database)
    if source is None and asked is None:
        raise InputError("SOURCE is missing; name a data set, or go on with a stopped run by --resume --out FOLDER")
    request = asked or Request("")
    if source is not None:
        request = Request(source, parse_seconds(budget), seed, target, group, options.parse_size(size), skip_bad,
                          impute, device)  # fmt: skip
    console = Console(stderr=True)
    with live_progress(console) as announce:
        story = run_recipe(request, folder, database=database, announce=announce,
                           on_stage=lambda report: render_terminal(report, console))  # fmt: skip
    render_terminal(story, Console())
    if strict and any(finding.level == "proved" for stage in story.stages for finding in stage.report.findings):
        raise typer.Exit(1)
