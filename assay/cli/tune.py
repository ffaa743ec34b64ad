"""`assay tune SOURCE`: which hyperparameters, learning rate first, by a search of one's own choosing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assay.cli import options
from assay.cli.alone import Page, Recipe, shown_work
from assay.cli.resumed import SeedOrResumed, resumed
from assay.errors import InputError

if TYPE_CHECKING:
    from assay.recipe import Recipe as RecipeValue
    from assay.stages.request import Request
    from assay.stages.search import TuningAsked

USUAL_BUDGET = "5m"

Over = Annotated[
    list[str] | None,
    typer.Option(
        help="What to search: learning_rate=1e-4:1e-1, batch_size=32,64 or learning_rate=auto; again for each.",
        show_default=False,
    ),
]
Trials = Annotated[
    int | None, typer.Option(help="Settings that each round may try; as the budget allows by default.")
]  # fmt: skip

Metric = Annotated[
    str | None,
    typer.Option(
        help="What settings are judged by: accuracy, loss, f1, calibration, recall or r2; accuracy or r2 by default.",
        show_default=False,
    ),
]


@options.spread
def tune(
    source: options.SourceOrResumed = None,
    search: Annotated[
        str | None, typer.Option(help="random, grid, tpe or cmaes; random by default.", show_default=False)
    ] = None,
    over: Over = None,
    trials: Trials = None,
    halving: Annotated[
        bool, typer.Option("--halving", help="Successive halving: the best third of the settings trains on.")
    ] = False,
    rounds: Annotated[
        int | None,
        typer.Option(
            help="Narrow the search around its best and repeat, at most so often; 1 by default.", show_default=False
        ),
    ] = None,
    epochs: Annotated[
        float | None, typer.Option(help="Of each training; the recipe's, or as the budget allows, by default.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="A grid over more than three hyperparameters.")] = False,
    discipline: Annotated[
        bool,
        typer.Option(
            "--discipline", help="Smith's disciplined approach instead: batch, range test, momentum, weight decay."
        ),
    ] = False,
    metric: Metric = None,
    budget: Annotated[
        str | None, typer.Option(help=f"Time for the stage: 90s, 2m, 1.5h; {USUAL_BUDGET} by default.")
    ] = None,
    recipe: Recipe = None,
    out: options.Out = None,
    reading: options.Reading = options.AS_IT_LIES,
    decisions: options.Decisions = None,
    seed: SeedOrResumed = None,
    device: options.Device = None,
    place: options.Place = options.HERE,
    database: options.Database = None,
    track: options.Track = None,
    resume: options.Resume = False,
    page: Page = None,
    json: options.Json = False,
) -> None:
    """Which hyperparameters, learning rate first."""
    with shown_work() as announce:
        from assay.budget import parse_seconds
        from assay.cli.alone import carry_out, choose_place, show
        from assay.cli.printing import check_page
        from assay.cli.tracked import choose_tracking, place_of, tracked
        from assay.stages.search import TuningAsked, check_asked
        from assay.stages.telling import write_story

        sinks = choose_tracking(track)
        place.workplace()
        given = {"search": search, "over": over, "trials": trials, "rounds": rounds, "halving": halving or None,
                 "epochs": epochs, "force": force or None, "discipline": discipline or None,
                 "metric": metric}  # fmt: skip
        if resume:
            wanted = {"source": source, "budget_seconds": parse_seconds(budget) if budget else None, "seed": seed,
                      **reading.for_opening(), "device": device, "decisions": options.text_of(decisions),
                      **given}  # fmt: skip
            request, asked, own = read_resumed(out, wanted, recipe)
        elif source is None:
            raise InputError("SOURCE is missing; name a data set, or go on with a tuning by --resume --out FOLDER")
        else:
            named = {name: value for name, value in given.items() if value is not None}
            asked, own = TuningAsked(**{**named, "over": tuple(over or ())}), recipe
            check_asked(asked)
            seconds = parse_seconds(budget or USUAL_BUDGET)
            request = reading.request(source, seconds, seed=seed or 0, device=device, decisions=decisions)
        if page is not None:
            check_page(page, request.source)
        folder = place_of(sinks, "tune", request.source, choose_place("tune", request.source, out))
        told = {"source": request.source, "seed": request.seed, "search": asked.search}
        with tracked(sinks, "tune", folder, told):
            story = carry_out("tune", request, folder, own, study=asked, database=database, workers=place.workers,
                              on=place.on, announce=announce)  # fmt: skip
            if folder is not None:
                write_story(story, folder)
    show(story, "tune", folder, as_json=json, page=page)
    if folder is not None and not json:
        from assay.run_folder import RECIPE

        print(f"recipe: {folder / RECIPE}")


def read_resumed(
    out: Path | None, given: dict[str, Any], recipe: Path | None
) -> tuple[Request, TuningAsked, RecipeValue]:
    """What a folder was asked: request, search and the recipe whose settings are searched.

    Raises:
        InputError: there is nothing to go on with, or an option says something else.
    """
    from assay.stages.search import TuningAsked

    found = resumed("tune", out, given, recipe)
    study = found.study or {}
    return found.request, TuningAsked(**{**study, "over": tuple(study.get("over", ()))}), found.recipe
