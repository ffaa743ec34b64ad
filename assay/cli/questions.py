"""`assay questions SOURCE`: what in the inputs matters, measured by small networks on changed copies."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assay.cli import options

if TYPE_CHECKING:
    from assay.data.data import Data
    from assay.finding import Report
    from assay.pipeline import Request

PURPOSE = "Do detail, layout, colour, place and orientation matter, and how noisy are the labels?"


def questions(
    source: options.Source,
    budget: Annotated[str, typer.Option(help="Time for the answers: 90s, 5m, 1.5h.")] = "5m",
    target: options.Target = None,
    group: options.Group = None,
    size: options.Size = None,
    skip_bad: options.SkipBad = False,
    impute: options.Impute = False,
    decisions: options.Decisions = None,
    seed: options.Seed = 0,
    device: options.Device = None,
    page: Annotated[Path | None, typer.Option(help="Also write the answers as a page.", show_default=False)] = None,
    json: options.Json = False,
) -> None:
    """What in the inputs matters: detail, layout, colour, place, orientation; measured on changed copies."""
    from assay.budget import parse_seconds
    from assay.cli.printing import check_page, print_report
    from assay.pipeline import Request

    if page is not None:
        check_page(page, source)
    request = Request(source, parse_seconds(budget), seed, target, group, options.parse_size(size), skip_bad,
                      impute, device, options.text_of(decisions))  # fmt: skip
    data = request.open()
    report = answer(data, request)
    if page is not None:
        from assay.cli.one_report import tell_alone
        from assay.device import choose_device
        from assay.report import write_html

        story = tell_alone(report, data, source=source, seed=seed, title="What in the inputs matters", question=PURPOSE,
                           budget_seconds=request.budget_seconds, device=choose_device(device))  # fmt: skip
        write_html(story, page)
    print_report(report, as_json=json)


def answer(data: Data, request: Request) -> Report:
    """Ask under a progress bar over the budget."""
    from rich.console import Console

    from assay.audit.questionnaire import ask
    from assay.cli.progress import live_progress
    from assay.session import Progress

    seconds = request.budget_seconds
    with live_progress(Console(stderr=True)) as announce:

        def say(text: str, share: float) -> None:
            announce(Progress("questions", text, 0.0, share * seconds, seconds))

        return ask(data, budget_seconds=seconds, seed=request.seed, device=request.device, say=say)
