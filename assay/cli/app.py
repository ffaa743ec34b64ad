"""The list of commands, in the order of the recipe."""

from __future__ import annotations

import typer

from assay.cli import alone, predict, presets, run, train, tricks


def build_app() -> typer.Typer:
    """The `assay` program."""
    app = typer.Typer(
        help="Train neural networks by the experts' recipe, and measure what every trick was worth on your data.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
    )
    app.command("run")(run.run)
    for name, command in alone.COMMANDS.items():
        app.command(name)(command)
    app.command("train")(train.train)
    app.command("predict")(predict.predict)
    app.command("tricks")(tricks.tricks)
    app.command("presets")(presets.presets)
    return app
