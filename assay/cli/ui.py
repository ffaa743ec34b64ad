"""`assay ui RUN_OR_SOURCE`: look at examples, judge labels, compare duplicates, in the browser."""

from __future__ import annotations

import atexit
import getpass
import os
import sys
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Annotated

import typer

from assay.cli import INTERRUPTED, options
from assay.errors import InputError

if TYPE_CHECKING:
    from assay.ui.asked import Asked

NAMED = ("digits", "fashion-mnist", "cifar10")
"""Sources that are no path; to ask the data room for them takes a second that the page should not wait for."""


@options.spread
def ui(
    place: Annotated[
        str, typer.Argument(help="A source as for the other commands, or the folder of a run.", metavar="RUN_OR_SOURCE")
    ],
    decisions: Annotated[
        Path | None,
        typer.Option(help="File that decisions are added to (JSONL); by default NAME.decisions.jsonl, or the run's."),
    ] = None,
    audit: Annotated[
        Path | None,
        typer.Option(help="Table of `assay clean` (audit.parquet); by default that in assay-runs.", show_default=False),
    ] = None,
    reviewer: Annotated[str | None, typer.Option(help="Who decides; the name of this user by default.")] = None,
    host: Annotated[
        str | None, typer.Option(help="Address that others reach too; they need the printed token.", show_default=False)
    ] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="8765 or the next free one by default.")] = None,
    budget: Annotated[str, typer.Option(help="Time for the inspection: 90s, 2m, 1.5h.")] = "1m",
    reading: options.Reading = options.AS_IT_LIES,
    seed: options.Seed = 0,
) -> None:
    """A page to browse the data, judge its labels and see runs; on this machine alone."""
    from assay.budget import parse_seconds
    from assay.ui.asked import Asked
    from assay.ui.origin import require_origin

    require_extra()
    require_place(place)
    asked = Asked(place, decisions, audit or find_cleaning(place), reviewer or user_name(), parse_seconds(budget),
                  seed=seed, **reading.for_opening())  # fmt: skip
    require_decisions(asked)
    require_origin(Path(place).expanduser())
    from assay.ui.serve import serve
    from assay.ui.workspace import Workspace

    stopped = Event()
    atexit.register(end_at_once, stopped)
    try:
        serve(Workspace(asked), host=host, port=port)
    except KeyboardInterrupt:
        stopped.set()
        raise


def end_at_once(stopped: Event) -> None:
    """The last thing that a command stopped by Ctrl-C does.

    A thread that still computes in native code would abort the interpreter while it is taken down; all that was decided
    is on the disk.
    """
    if stopped.is_set():
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(INTERRUPTED)


def require_extra() -> None:
    """Refuse to begin without the packages of the extra.

    Raises:
        InputError: says how to install them.
    """
    try:
        import fastapi  # noqa: F401
        import python_multipart  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError as error:
        raise InputError(f"the page needs {error.name}; install it with pip install 'assay-train[ui]'") from error


def require_place(place: str) -> None:
    """Refuse at once what is neither a path nor a named source; all else is said once it is read.

    Raises:
        InputError: there is nothing of that name.
    """
    if place not in NAMED and not Path(place).expanduser().exists():
        from assay.data.open import open_data

        open_data(place)


def require_decisions(asked: Asked) -> None:
    """Refuse to begin where decisions cannot be kept; those of a run lie in its folder, which is found later.

    Raises:
        InputError: the file cannot be written.
    """
    if asked.decisions is None and Path(asked.place).expanduser().is_dir():
        return
    path = asked.decisions or Path(f"{asked.name}.decisions.jsonl")
    # To try it for good imports torch, which the page should not wait for.
    if path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
        from assay.audit.decisions import check_appendable

        check_appendable(path)


def find_cleaning(place: str) -> Path | None:
    """The table that `assay clean` left of this source where it is left without --out."""
    from assay.cli.folders import plain_name
    from assay.run_folder import AUDIT, ROOT

    table = ROOT / f"clean-{plain_name(place)}" / AUDIT
    if not table.is_file():
        return None
    print(f"The labels were judged before: {table}")
    return table


def user_name() -> str:
    """Whoever started the command."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "me"
