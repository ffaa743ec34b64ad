"""`assay worker --database URL`: train what others asked for, on this machine."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated, Any

import typer


def worker(
    database: Annotated[
        str | None,
        typer.Option(help="SQLAlchemy URL of the trials' database; ASSAY_DATABASE, or your own, without it."),
    ] = None,
    checkpoints: Annotated[
        Path | None,
        typer.Option(help="Folder of checkpoints, best one that all machines see.", show_default=False),
    ] = None,
    threads: Annotated[
        int | None,
        typer.Option(min=1, help="Threads of each training; as PyTorch chooses without.", show_default=False),
    ] = None,
    until_empty: Annotated[
        bool, typer.Option("--until-empty", help="End when nothing is left to train that can be trained here.")
    ] = False,
    wait_seconds: Annotated[
        float,
        typer.Option(min=0.0, help="Of --until-empty: how long to wait until anything is queued.", show_default=True),
    ] = 60.0,
    lease_seconds: Annotated[
        float, typer.Option(min=0.5, help="Silence after which a worker counts as dead.", show_default=True)
    ] = 30.0,
    checkpoint_seconds: Annotated[
        float, typer.Option(min=0.0, help="Between two checkpoints of a training.", show_default=True)
    ] = 5.0,
    name: Annotated[str | None, typer.Option(hidden=True)] = None,
    asker: Annotated[str | None, typer.Option(hidden=True)] = None,
    parent: Annotated[int | None, typer.Option(hidden=True)] = None,
    curves: Annotated[Path | None, typer.Option(hidden=True)] = None,
) -> None:
    """Train what is queued in a database that several processes or machines share; Ctrl-C leaves it to others."""
    if threads is not None:
        # Before torch loads.
        os.environ["OMP_NUM_THREADS"] = str(threads)
    with asked_to_stop() as asked:
        import torch

        from assay.executors.worker import Habits, work
        from assay.store.trials import checkpoints_of, named_or_own

        if threads is not None:
            torch.set_num_threads(threads)
        url = named_or_own(database)
        habits = Habits(name, asker, until_empty, wait_seconds, lease_seconds, checkpoint_seconds, live=curves)
        done = work(url, checkpoints or checkpoints_of(url), stop=lambda: bool(asked) or is_orphan(parent),
                    habits=habits, say=say)  # fmt: skip
    say(f"{done} {'training' if done == 1 else 'trainings'} finished here")
    if signal.SIGINT in asked:
        raise typer.Exit(130)


def say(text: str) -> None:
    """Tell whoever reads the log."""
    print(text, file=sys.stderr, flush=True)


def is_orphan(parent: int | None) -> bool:
    """Whether the process that started this one is gone."""
    return parent is not None and os.getppid() != parent


@contextmanager
def asked_to_stop() -> Iterator[list[int]]:
    """A list of the signals by which Ctrl-C, or whoever started this, asks for the end; a second one ends at once."""
    asked: list[int] = []

    def remember(number: int, frame: FrameType | None) -> None:
        asked.append(number)
        signal.signal(number, before[number])

    before: dict[int, Any] = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in before:
        signal.signal(number, remember)
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
