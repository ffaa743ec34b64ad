"""Which folder a command writes to, so that nothing finished is ever overwritten."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from assay.errors import InputError
from assay.run_folder import CHECKPOINT, CURVES, DATABASE, ROOT, WORK

STARTED = (DATABASE, CHECKPOINT, CURVES)
"""What a run or a training leaves in its folder from its first seconds on."""


def choose_folder(out: Path | None, *, name: str, finished: str, resume: bool) -> Path:
    """The folder named by --out, or the first free one of `assay-runs/NAME`, `NAME-2`, ...

    A folder with unfinished work is gone on with; one whose `finished` file is there is only opened
    again with --resume.

    Raises:
        InputError: the folder is finished, holds something else or is a file, or --resume finds nothing
            to go on with.
    """
    if out is None:
        out = default_folder(plain_name(name), finished, resume)
    require_writable(out)
    held = {path.name for path in out.iterdir()} if out.is_dir() else set[str]()
    # Of a run whose database is elsewhere, trainings under way are all there is.
    if held - {WORK} and not held & {*STARTED, finished}:
        raise InputError(f"--out {out}: holds files of another kind; name an empty or a new folder")
    if (out / finished).exists() and not resume:
        raise InputError(f"--out {out}: holds finished results; name another folder, or look at them with --resume")
    if resume and not held:
        raise InputError(f"--out {out}: there is nothing to go on with; leave --resume out to start")
    return out


def plain_name(name: str) -> str:
    """What a folder for this source is called, whatever stands in its name."""
    return re.sub(r"[^\w.-]+", "-", Path(name).name).strip("-.") or "run"


class StoppedError(Exception):
    """Ctrl-C came, and something was saved; says how to go on with it."""


@contextmanager
def stoppable(folder: Path, *, finished: str) -> Iterator[None]:
    """Work in a folder of `choose_folder` that --resume goes on with once something is in it.

    Raises:
        StoppedError: Ctrl-C came and --resume will find something; else it stays a KeyboardInterrupt.
    """
    try:
        yield
    except KeyboardInterrupt as stop:
        try:
            choose_folder(folder, name="", finished=finished, resume=True)
        except InputError:
            raise stop from None
        raise StoppedError("run the same command with --resume to go on") from stop


def choose_new_folder(out: Path | None, *, name: str, finished: str) -> Path:
    """As `choose_folder`, for a command that is gone on with by giving it again, without --resume.

    Raises:
        InputError: the folder is finished, or is none.
    """
    if out is None:
        return choose_folder(None, name=name, finished=finished, resume=False)
    require_writable(out)
    if (out / finished).exists():
        raise InputError(f"--out {out}: holds a finished model ({finished}); name another folder")
    return out


def require_writable(out: Path) -> None:
    """Refuse a folder that is none or cannot be made; nothing is left of the attempt.

    Raises:
        InputError: names the folder and why.
    """
    for place in (out, *out.parents):
        if place.exists() and not place.is_dir():
            raise InputError(f"--out {out}: {'this' if place == out else place} is a file; name a folder")
    nearest = next(place for place in (out.absolute(), *out.absolute().parents) if place.is_dir())
    try:
        with tempfile.TemporaryDirectory(dir=nearest):
            pass
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError(f"--out {out}: nothing can be written in {nearest} ({reason}); name another folder") from error


def default_folder(name: str, finished: str, resume: bool) -> Path:
    """The newest folder of that name when resuming, else the first that is not finished."""
    if resume:
        numbered = _numbered(name)
        there = [folder for folder in numbered if folder.is_dir() and any(folder.iterdir())]
        unfinished = [folder for folder in there if not (folder / finished).exists()]
        return (unfinished or there or numbered)[-1 if there else 0]
    return next(unfinished_folders(name, finished))


def unfinished_folders(name: str, finished: str) -> Iterator[Path]:
    """`assay-runs/NAME`, `NAME-2`, ... but those that are finished: free, or holding work that was stopped."""
    return (folder for folder in _numbered(name) if not (folder / finished).exists())


def _numbered(name: str) -> list[Path]:
    return [ROOT / name, *(ROOT / f"{name}-{number}" for number in range(2, 1000))]
