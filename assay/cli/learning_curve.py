"""`assay learning-curve SOURCE`: how much more data would help, as a band over several laws."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assay.cli import alone, options
from assay.cli.page import check_page
from assay.errors import InputError

if TYPE_CHECKING:
    from assay.report.story import RunStory
    from assay.stages.request import Request
    from assay.stages.session import Announce

At = Annotated[
    list[str] | None,
    typer.Option(help="Times the data to foresee the error at: 2x, 4x by default; may be given again.",
                 show_default=False),
]  # fmt: skip


@options.spread
def learning_curve(
    source: options.Source,
    budget: Annotated[str, typer.Option(help="Time for all trainings: 90s, 5m, 1.5h.")] = "5m",
    at: At = None,
    recipe: alone.Recipe = None,
    out: options.Out = None,
    reading: options.Reading = options.AS_IT_LIES,
    decisions: options.Decisions = None,
    seed: options.Seed = 0,
    device: options.Device = None,
    page: options.Page = None,
    json: options.Json = False,
) -> None:
    """How much more data would help: trainings on growing subsets, and the error with more of it as a band."""
    with alone.shown_work() as announce:
        from assay.budget import parse_seconds
        from assay.cli.printing import print_stage

        check_page(page, source)
        times = [parse_times(text) for text in at or ()]
        request = reading.request(source, parse_seconds(budget), seed=seed, device=device, decisions=decisions)
        story = measure(request, times, recipe, out, announce)
    print_stage(story, as_json=json, page=page)


def measure(
    request: Request, times: Sequence[float], recipe: Path | None, out: Path | None, announce: Announce
) -> RunStory:
    """The curve of a source, what was read of it told first; Ctrl-C keeps what is finished."""
    from assay.audit.texts.text_features import without_stand_ins
    from assay.cli.folders import ROOT, StoppedError, plain_name, require_writable
    from assay.cli.one_report import tell_alone
    from assay.device import choose_device
    from assay.recipe_toml import read_recipe
    from assay.stages.own_learning_curve import STAGE, USUAL_TIMES, measure_learning_curve

    place, wanted = choose_device(request.device), read_recipe(recipe) if recipe else None
    # What a training would learn from: it leaves texts out, and their lengths with them.
    data = without_stand_ins(request.open(tolerant=True))
    folder = out or ROOT / f"learning-curve-{plain_name(data.name)}"
    require_writable(folder)
    seconds, seed = request.budget_seconds, request.seed
    try:
        report = measure_learning_curve(data, recipe=wanted, times=times or USUAL_TIMES, budget_seconds=seconds,
                                        seed=seed, device=request.device, folder=folder, announce=announce)  # fmt: skip
    except KeyboardInterrupt as stop:
        raise StoppedError("finished trainings are kept; the same command goes on") from stop
    return tell_alone(report, data, source=request.source, seed=seed, title=STAGE.capitalize(), budget_seconds=seconds,
                      question="How much more data would help?", device=place)  # fmt: skip


def parse_times(text: str) -> float:
    """`2x` or `2` as 2.0.

    Raises:
        InputError: not a number above 1 and at most 10.
    """
    try:
        number = float(text.strip().lower().removesuffix("x"))
    except ValueError:
        number = 0.0
    if not 1.0 < number <= 10.0:
        raise InputError(f"--at {text!r} must be a multiple of the data above 1 and at most 10; write --at 2x")
    return number
