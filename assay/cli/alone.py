"""The stages as commands of their own: `assay inspect SOURCE`, `assay ablate SOURCE --budget 5m`, ..."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assay.cli import options
from assay.cli.page import check_page
from assay.run_folder import MODEL

if TYPE_CHECKING:
    from assay.ablation.asked import Asked
    from assay.executors.choose import Workplace
    from assay.recipe import Recipe as RecipeValue
    from assay.report.story import RunStory
    from assay.stages.request import Request
    from assay.stages.search import TuningAsked
    from assay.stages.session import Announce

Recipe = Annotated[Path | None, typer.Option(help="TOML file with the recipe; the default recipe without it.")]

STAGES = {
    "inspect": ("1m", "What is in the data, and what is wrong with it."),
    "verify": ("1m", "Is this pipeline correct, from loader to optimiser step."),
    "baselines": ("1m", "What predictors of no ambition reach."),
    "overfit": ("2m", "Can a model big enough fit the data at all."),
    "squeeze": ("5m", "Longer training, averaging, ensemble, distillation; writes the model to --out."),
}
WRITERS = {"squeeze": MODEL}
"""Stages that leave a model, and its file."""
GOING_ON = ("ablate", "tune")
"""Stages of many trainings, each of which is kept."""


def make_command(stage: str, usual_budget: str, purpose: str) -> Callable[..., None]:
    """The command of one stage."""

    @options.spread
    def command(
        source: options.Source,
        budget: Annotated[str, typer.Option(help="Time for the stage: 90s, 2m, 1.5h.")] = usual_budget,
        recipe: Recipe = None,
        out: options.Out = None,
        reading: options.Reading = options.AS_IT_LIES,
        decisions: options.Decisions = None,
        seed: options.Seed = 0,
        device: options.Device = None,
        page: options.Page = None,
        json: options.Json = False,
        strict: options.Strict = False,
    ) -> None:
        with shown_work() as announce:
            from assay.budget import parse_seconds

            check_page(page, source)
            folder = choose_place(stage, source, out)
            request = reading.request(source, parse_seconds(budget), seed=seed, device=device, decisions=decisions)
            story = carry_out(stage, request, folder, recipe, announce=announce)
        show(story, stage, folder, as_json=json, page=page)
        if strict:
            options.exit_if_proved(story.stages[0].report.findings)

    command.__name__, command.__doc__ = stage, purpose
    return command


def shown_work() -> AbstractContextManager[Announce]:
    """The live line of a stage; begun before what takes seconds to import, so that it is there at once."""
    from rich.console import Console

    from assay.cli.progress import live_progress

    return live_progress(Console(stderr=True))


def carry_out(
    stage: str,
    request: Request,
    folder: Path | None,
    recipe: Path | RecipeValue | None,
    *,
    study: Asked | TuningAsked | None = None,
    database: str | None = None,
    workplace: Workplace | None = None,
    announce: Announce | None = None,
) -> RunStory:
    """Run the stage; without a folder, in one that is thrown away.

    Args:
        recipe: or its file; the default recipe without it.
        workplace: where trainings are done; in this process without it.
        announce: of a live line that is there already; without it one is begun.
    """
    from assay.cli.breaking_off import naming_full_disk, telling_what_is_kept
    from assay.executors.choose import HERE
    from assay.recipe_toml import read_recipe
    from assay.stages.alone import run_stage

    wanted = read_recipe(recipe) if isinstance(recipe, Path) else recipe
    with tempfile.TemporaryDirectory() as scratch, nullcontext(announce) if announce else shown_work() as tell:
        place = folder or Path(scratch)
        telling = telling_what_is_kept(stage, place, is_kept=folder is not None, database=database)
        with naming_full_disk(place), telling if stage in GOING_ON else nullcontext():
            return run_stage(stage, request, place, recipe=wanted, study=study, database=database,
                             workplace=workplace or HERE, announce=tell)  # fmt: skip


def show(story: RunStory, stage: str, folder: Path | None, *, as_json: bool, page: Path | None) -> None:
    """Print what was found, and where the model is if the stage leaves one."""
    from assay.cli.printing import print_stage

    print_stage(story, as_json=as_json, page=page)
    if stage in WRITERS and folder is not None:
        print(f"model: {folder / WRITERS[stage]}", file=sys.stderr if as_json else sys.stdout)


def choose_place(stage: str, source: str, out: Path | None) -> Path | None:
    """The folder to leave results in: --out, of a stage that leaves a model a numbered one without it, else none.

    Raises:
        InputError: there is a finished model, or nothing can be written.
    """
    from assay.cli.folders import choose_new_folder, require_writable

    if stage in WRITERS:
        return choose_new_folder(out, name=f"{stage}-{Path(source).name}", finished=WRITERS[stage])
    if out is not None:
        require_writable(out)
    return out


COMMANDS = {name: make_command(name, budget, purpose) for name, (budget, purpose) in STAGES.items()}
