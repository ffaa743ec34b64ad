"""The stages as commands of their own: `assay inspect SOURCE`, `assay ablate SOURCE --budget 5m`, ..."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from assay.cli import options

Recipe = Annotated[Path | None, typer.Option(help="TOML file with the recipe; the default recipe without it.")]
Page = Annotated[Path | None, typer.Option(help="Also write the findings as a page.", show_default=False)]

STAGES = {
    "inspect": ("1m", "What is in the data, and what is wrong with it."),
    "verify": ("1m", "Is this pipeline correct, from loader to optimiser step."),
    "baselines": ("1m", "What predictors of no ambition reach."),
    "overfit": ("2m", "Can a model big enough fit the data at all."),
    "ablate": ("5m", "Which tricks pay here, by how much, how sure are we."),
    "tune": ("5m", "Which hyperparameters, learning rate first."),
    "squeeze": ("5m", "Longer training, averaging, ensemble, distillation; writes the model to --out."),
}


def make_command(stage: str, usual_budget: str, purpose: str) -> Callable[..., None]:
    """The command of one stage."""

    def command(
        source: options.Source,
        budget: Annotated[str, typer.Option(help="Time for the stage: 90s, 2m, 1.5h.")] = usual_budget,
        recipe: Recipe = None,
        out: options.Out = None,
        target: options.Target = None,
        group: options.Group = None,
        size: options.Size = None,
        skip_bad: options.SkipBad = False,
        impute: options.Impute = False,
        seed: options.Seed = 0,
        device: options.Device = None,
        page: Page = None,
        json: options.Json = False,
        strict: options.Strict = False,
    ) -> None:
        from assay.budget import parse_seconds
        from assay.pipeline import Request, run_stage
        from assay.recipe_toml import read_recipe

        request = Request(source, parse_seconds(budget), seed, target, group, options.parse_size(size), skip_bad,
                          impute, device)  # fmt: skip
        wanted = read_recipe(recipe) if recipe else None
        with tempfile.TemporaryDirectory() as scratch:
            from rich.console import Console

            from assay.cli.printing import print_stage
            from assay.cli.progress import live_progress

            with live_progress(Console(stderr=True)) as announce:
                story = run_stage(stage, request, out or Path(scratch), recipe=wanted, announce=announce)
        print_stage(story, as_json=json, page=page)
        if strict and any(finding.level == "proved" for finding in story.stages[0].report.findings):
            raise typer.Exit(1)

    command.__name__, command.__doc__ = stage, purpose
    return command


COMMANDS = {name: make_command(name, budget, purpose) for name, (budget, purpose) in STAGES.items()}
