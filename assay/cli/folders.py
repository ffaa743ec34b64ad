"""Which folder a command writes to, so that nothing finished is ever overwritten."""

from __future__ import annotations

import re
from pathlib import Path

from assay.errors import InputError

ROOT = Path("assay-runs")
STARTED = ("assay.db", "training.checkpoint")
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
        out = default_folder(re.sub(r"[^\w.-]+", "-", Path(name).name).strip("-.") or "run", finished, resume)
    for place in (out, *out.parents):
        if place.exists() and not place.is_dir():
            raise InputError(f"--out {out}: {'this' if place == out else place} is a file; name a folder")
    if out.is_dir() and any(out.iterdir()) and not any((out / name).exists() for name in (*STARTED, finished)):
        raise InputError(f"--out {out}: holds files of another kind; name an empty or a new folder")
    if (out / finished).exists() and not resume:
        raise InputError(f"--out {out}: holds finished results; name another folder, or look at them with --resume")
    if resume and not out.is_dir():
        raise InputError(f"--out {out}: there is nothing to go on with; leave --resume out to start")
    return out


def default_folder(name: str, finished: str, resume: bool) -> Path:
    """The newest folder of that name when resuming, else the first that is not finished."""
    numbered = [ROOT / name, *(ROOT / f"{name}-{number}" for number in range(2, 1000))]
    if resume:
        there = [folder for folder in numbered if folder.is_dir()]
        unfinished = [folder for folder in there if not (folder / finished).exists()]
        return (unfinished or there or numbered)[-1 if there else 0]
    return next(folder for folder in numbered if not (folder / finished).exists())
