"""`assay tune SOURCE`: which hyperparameters, learning rate first, by a search of one's own choosing."""

from __future__ import annotations

from typing import Annotated

import typer

from assay.cli import options
from assay.cli.alone import Page, Recipe

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


def tune(
    source: options.Source,
    search: Annotated[str, typer.Option(help="random, grid, tpe or cmaes.")] = "random",
    over: Over = None,
    trials: Trials = None,
    halving: Annotated[
        bool, typer.Option("--halving", help="Successive halving: the best third of the settings trains on.")
    ] = False,
    rounds: Annotated[int, typer.Option(help="Narrow the search around its best and repeat, at most so often.")] = 1,
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
    budget: Annotated[str, typer.Option(help="Time for the stage: 90s, 2m, 1.5h.")] = "5m",
    recipe: Recipe = None,
    out: options.Out = None,
    target: options.Target = None,
    group: options.Group = None,
    size: options.Size = None,
    skip_bad: options.SkipBad = False,
    impute: options.Impute = False,
    decisions: options.Decisions = None,
    seed: options.Seed = 0,
    device: options.Device = None,
    workers: options.Workers = None,
    on: options.On = None,
    database: options.Database = None,
    track: options.Track = None,
    page: Page = None,
    json: options.Json = False,
) -> None:
    """Which hyperparameters, learning rate first."""
    from assay.cli.alone import carry_out, choose_place, show, shown_work

    with shown_work() as announce:
        from assay.budget import parse_seconds
        from assay.cli.printing import check_page
        from assay.cli.tracked import choose_tracking, place_of, tracked
        from assay.executors.ray_cluster import read_place
        from assay.pipeline import Request
        from assay.telling import write_story
        from assay.tuning_stage import TuningAsked, check_asked

        sinks = choose_tracking(track)
        if on is not None:
            read_place(on)
        if page is not None:
            check_page(page, source)
        asked = TuningAsked(search, tuple(over or ()), trials, rounds, halving, epochs, force, discipline, metric)
        check_asked(asked)
        folder = place_of(sinks, "tune", source, choose_place("tune", source, out))
        request = Request(source, parse_seconds(budget), seed, target, group, options.parse_size(size), skip_bad,
                          impute, device, options.text_of(decisions))  # fmt: skip
        with tracked(sinks, "tune", folder, {"source": source, "seed": seed, "search": search}):
            story = carry_out("tune", request, folder, recipe, study=asked, database=database, workers=workers,
                              on=on, announce=announce)  # fmt: skip
            if folder is not None:
                write_story(story, folder)
    show(story, "tune", folder, as_json=json, page=page)
    if folder is not None and not json:
        from assay.discipline_stage import RECIPE

        print(f"recipe: {folder / RECIPE}")
