"""The list of commands, in the order of the recipe."""

from __future__ import annotations

from typing import Annotated

import typer

from assay.cli import (
    ablate,
    advise,
    agreement,
    alone,
    clean,
    human,
    learning_curve,
    predict,
    presets,
    questions,
    run,
    runs,
    train,
    tricks,
    tune,
    ui,
    verify,
    worker,
)

STAGES = ("inspect", "verify", "baselines", "overfit", "ablate", "tune", "squeeze")


def show_version(wanted: bool) -> bool:
    """Print the version and end, where it is wanted."""
    if wanted:
        from assay import __version__

        print(f"assay {__version__}")
        raise typer.Exit
    return wanted


def program(
    version: Annotated[
        bool, typer.Option("--version", callback=show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Train neural networks by the experts' recipe, and measure what every trick was worth on your data."""


def build_app() -> typer.Typer:
    """The `assay` program."""
    app = typer.Typer(pretty_exceptions_enable=False, add_completion=False)
    app.callback()(program)
    app.command("run")(run.run)
    stages = {**alone.COMMANDS, "verify": verify.verify, "ablate": ablate.ablate, "tune": tune.tune}
    for name in STAGES:
        app.command(name)(stages[name])
    app.command("advise")(advise.advise)
    app.command("clean")(clean.clean)
    app.command("questions")(questions.questions)
    app.command("learning-curve")(learning_curve.learning_curve)
    app.command("runs")(runs.runs)
    app.command("train")(train.train)
    app.command("predict")(predict.predict)
    app.command("agreement")(agreement.agreement)
    app.command("human")(human.human)
    app.command("ui")(ui.ui)
    app.command("worker")(worker.worker)
    app.command("tricks")(tricks.tricks)
    app.command("presets")(presets.presets)
    return app
