"""What a command says that has to stop before its end, by Ctrl-C or for want of room: what is kept, how it goes on."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from assay.cli.folders import StoppedError

FULL = (errno.ENOSPC, errno.EDQUOT)
SEARCHES = ("tune",)
"""Stages whose own state, in their folder, is more than their finished trainings."""


@contextmanager
def telling_what_is_kept(stage: str, folder: Path, *, is_kept: bool, database: str | None) -> Iterator[None]:
    """Of a stage that goes on when its command is given again.

    Args:
        is_kept: whether `folder` outlasts the command.
    Raises:
        StoppedError: Ctrl-C came.
    """
    try:
        yield
    except KeyboardInterrupt as stop:
        raise StoppedError(tell_what_is_kept(stage, folder, is_kept=is_kept, database=database)) from stop


def tell_what_is_kept(stage: str, folder: Path, *, is_kept: bool, database: str | None) -> str:
    """In words, with the number of trainings that its curves have the end of."""
    from assay.run_folder import CURVES
    from assay.store.trials import OWN, trials_url
    from assay.training.live import LiveTail

    tail = LiveTail(folder / CURVES)
    tail.read()
    finished = sum(curve.done for curve in tail.curves.values())
    if not is_kept and trials_url(database) == OWN:
        return f"nothing is kept without a database; with --out the same command would go on after {finished} trainings"
    # Of what `assay worker` trains elsewhere, the folder's curves tell nothing.
    number = f"{finished} " if finished else ""
    told = f"{number}finished {'training is' if finished == 1 else 'trainings are'} kept; the same command goes on"
    return f"{told}, but its search begins anew without --out" if stage in SEARCHES and not is_kept else told


@contextmanager
def naming_full_disk(folder: Path) -> Iterator[None]:
    """Let a write that found no room, and does not say where, name the folder."""
    try:
        yield
    except OSError as error:
        if error.errno not in FULL or error.filename is not None:
            raise
        raise OSError(error.errno, error.strerror, str(folder)) from error
