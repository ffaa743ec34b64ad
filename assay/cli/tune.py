"""`assay tune SOURCE`: which hyperparameters, learning rate first, by a search of one's own choosing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assay.cli import options
from assay.cli.alone import Recipe
from assay.cli.many_trainings import ALL_USUAL, Kind, ManyTrainings, begin_or_go_on
from assay.run_folder import RECIPE

if TYPE_CHECKING:
    from assay.stages.search import TuningAsked

SearchBy = Annotated[
    str | None, typer.Option(help="random, grid, tpe or cmaes; random by default.", show_default=False)
]
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
Halving = Annotated[
    bool, typer.Option("--halving", help="Successive halving: the best third of the settings trains on.")
]
Rounds = Annotated[
    int | None,
    typer.Option(
        help="Narrow the search around its best and repeat, at most so often; 1 by default.", show_default=False
    ),
]
Epochs = Annotated[
    float | None, typer.Option(help="Of each training; the recipe's, or as the budget allows, by default.")
]
Force = Annotated[bool, typer.Option("--force", help="A grid over more than three hyperparameters.")]
Discipline = Annotated[
    bool,
    typer.Option(
        "--discipline", help="Smith's disciplined approach instead: batch, range test, momentum, weight decay."
    ),
]
Metric = Annotated[
    str | None,
    typer.Option(
        help="What settings are judged by: accuracy, loss, f1, calibration, recall or r2; accuracy or r2 by default.",
        show_default=False,
    ),
]


@dataclass(frozen=True)
class Search:
    """What is searched, and how; names are those of `TuningAsked`."""

    search: SearchBy = None
    over: Over = None
    trials: Trials = None
    halving: Halving = False
    rounds: Rounds = None
    epochs: Epochs = None
    force: Force = False
    discipline: Discipline = False
    metric: Metric = None


@options.spread
def tune(search: Search, recipe: Recipe = None, many: ManyTrainings = ALL_USUAL) -> None:
    """Which hyperparameters, learning rate first."""
    _, folder = begin_or_go_on(TUNING, many, vars(search), recipe)
    if folder is not None and not many.json:
        print(f"recipe: {folder / RECIPE}")


def read_asked(given: Mapping[str, Any], recipe: Path | None) -> TuningAsked:
    """The search that the options ask for.

    Raises:
        InputError: an unknown search or metric, or a number out of range; before any data is read.
    """
    from assay.stages.search import TuningAsked, check_asked

    asked = TuningAsked(**{**given, "over": tuple(given.get("over", ()))})
    check_asked(asked)
    return asked


TUNING = Kind("tune", "a tuning", read_asked, told=("search",))
