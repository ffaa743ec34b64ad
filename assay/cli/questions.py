"""`assay questions SOURCE`: what in the inputs matters, measured by small networks on changed copies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from assay.cli import alone, options
from assay.cli.page import check_page

if TYPE_CHECKING:
    from assay.report.story import RunStory
    from assay.stages.request import Request
    from assay.stages.session import Announce

PURPOSE = "Do detail, layout, colour, place and orientation matter, and how noisy are the labels?"


@options.spread
def questions(
    source: options.Source,
    budget: Annotated[str, typer.Option(help="Time for the answers: 90s, 5m, 1.5h.")] = "5m",
    reading: options.Reading = options.AS_IT_LIES,
    decisions: options.Decisions = None,
    seed: options.Seed = 0,
    device: options.Device = None,
    page: options.Page = None,
    json: options.Json = False,
) -> None:
    """What in the inputs matters: detail, layout, colour, place, orientation; measured on changed copies."""
    with alone.shown_work() as announce:
        from assay.budget import parse_seconds
        from assay.cli.printing import print_stage

        check_page(page, source)
        request = reading.request(source, parse_seconds(budget), seed=seed, device=device, decisions=decisions)
        story = answer(request, announce)
    print_stage(story, as_json=json, page=page)


def answer(request: Request, announce: Announce) -> RunStory:
    """Ask about a source, what was read of it told first."""
    from assay.audit.questionnaire import ask
    from assay.cli.one_report import tell_alone
    from assay.device import choose_device
    from assay.stages.session import Progress

    seconds, place = request.budget_seconds, choose_device(request.device)
    data = request.open(tolerant=True)

    def say(text: str, share: float) -> None:
        announce(Progress("questions", text, 0.0, share * seconds, seconds))

    report = ask(data, budget_seconds=seconds, seed=request.seed, device=request.device, say=say)
    return tell_alone(report, data, source=request.source, seed=request.seed, title="What in the inputs matters",
                      question=PURPOSE, budget_seconds=seconds, device=place)  # fmt: skip
