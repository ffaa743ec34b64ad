"""Folders with results: how one is known, where they lie below another, and what they say without being opened."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from assay.live import FILE as CURVES

DATABASE, SUMMARY = "assay.db", "summary.json"
MARKS = (DATABASE, CURVES, SUMMARY)
"""By one of these a folder is known for a run's."""
DEEPEST = 4
"""Folders below the one asked for: `experiments/2024/photos/second`."""
MOST_FOLDERS = 2000
"""Looked into at the most: what was measured is not worth the reading of a whole disk."""
NOT_LOOKED_AT = ("__pycache__", "node_modules", "site-packages", "mlruns", "mlartifacts", "wandb")
"""The last three hold copies that tracking tools made."""


def is_run(folder: Path) -> bool:
    """Whether a run or a training left something there."""
    return folder.is_dir() and any((folder / mark).is_file() for mark in MARKS)


def last_sign(folder: Path) -> float:
    """When something was written there, in seconds since 1970."""
    files = [folder / name for name in (*MARKS, f"{DATABASE}-wal")]
    return max((file.stat().st_mtime for file in files if file.is_file()), default=0.0)


def read_summary(folder: Path) -> Mapping[str, Any]:
    """What a finished run says of itself; empty before."""
    try:
        found = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def result_folders(root: Path, *, full: Callable[[int], None], closed: Callable[[OSError], None]) -> Iterator[Path]:
    """Folders with results, `root` among them, in the order of their names.

    Args:
        full: told the number of folders after which no more are looked into.
        closed: told of a folder that cannot be opened.
    """
    for number, (place, folders, files) in enumerate(os.walk(root, onerror=closed)):
        if number == MOST_FOLDERS:
            return full(number)
        folder = Path(place)
        depth = len(folder.relative_to(root).parts)
        folders[:] = sorted(
            name for name in folders if depth < DEEPEST and not name.startswith(".") and name not in NOT_LOOKED_AT
        )
        if set(MARKS) & set(files):
            yield folder
