"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assay.errors import InputError

Source = Annotated[
    str,
    typer.Argument(
        help="digits, fashion-mnist, cifar10; a folder or .zip of class folders; an .npz, .csv or .parquet file.",
        show_default=False,
        metavar="SOURCE",
    ),
]
Target = Annotated[str | None, typer.Option(help="Column of a table to predict.", show_default=False)]
Group = Annotated[
    str | None,
    typer.Option(help="Column, or pattern with one group on file paths, whose groups never straddle splits."),
]
Size = Annotated[str | None, typer.Option(help="Scale images to HEIGHTxWIDTH, or one number for squares.")]
SkipBad = Annotated[bool, typer.Option("--skip-bad", help="Leave unreadable images out, with a finding.")]
Impute = Annotated[bool, typer.Option("--impute", help="Fill missing cells from the training split, with a finding.")]
Decisions = Annotated[
    Path | None,
    typer.Option(help="File of decisions (JSONL): relabels and drops examples in memory.", show_default=False),
]
Seed = Annotated[int, typer.Option(min=0, help="Seed of every random choice.")]
Device = Annotated[str | None, typer.Option(help="cpu or cuda; the first accelerator by default.", show_default=False)]
Out = Annotated[Path | None, typer.Option(help="Folder for what the command leaves.", show_default=False)]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with what was stopped in the folder.")]
Database = Annotated[
    str | None,
    typer.Option(
        help="SQLAlchemy URL of the database of finished trainings; ASSAY_DATABASE, or your own, without it.",
        show_default=False,
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(
        min=0,
        help="Processes that train at the same time; 0 leaves all to `assay worker`; in this one without it.",
        show_default=False,
    ),
]
On = Annotated[
    str | None,
    typer.Option(
        help="A Ray cluster that trains: ray for this machine's, or ray://HOST:PORT; --workers is its actors.",
        show_default=False,
    ),
]
Strict = Annotated[bool, typer.Option("--strict", help="Exit with 1 when a finding is proved.")]
Track = Annotated[
    list[str] | None,
    typer.Option(
        help="Also tell curves, recipe, scores and report to tensorboard[:DIR], mlflow[:URI] or wandb[:PROJECT].",
        show_default=False,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


def text_of(path: Path | None) -> str | None:
    """As a request keeps it."""
    return None if path is None else str(path)


def parse_size(text: str | None) -> tuple[int, int] | None:
    """`32` or `48x64` as (height, width).

    Raises:
        InputError: not one or two positive whole numbers.
    """
    if text is None:
        return None
    parts = text.lower().split("x")
    if len(parts) > 2 or not all(part.isdecimal() and int(part) > 0 for part in parts):
        raise InputError(f"--size {text!r} is not a size; write --size 32 or --size 48x64 (height x width, in pixels)")
    return int(parts[0]), int(parts[-1])
