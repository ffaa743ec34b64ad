"""What a run was asked, with its relative paths found again from any folder.

A run notes the folder that it was started in. One that noted none is taken to have been started in the folder that is
worked in now or in one above its own.

The database is read with what Python brings along, as the page should not wait for more; where a run writes at this
moment, it is left alone.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from assay.errors import InputError
from assay.run_folder import DATABASE

STARTED_IN = "started in"
NAMED = ("digits", "fashion-mnist", "cifar10")
"""Sources that are no path."""


class Origin(NamedTuple):
    """What a run was asked, and the folder that it was started in, where it noted one."""

    request: dict[str, Any]
    started: Path | None


def read_origin(folder: Path) -> Origin | None:
    """Of the whole run in this folder; None where there is none, or it cannot be told now."""
    path = folder / DATABASE
    if not path.is_file() or path.with_name(f"{DATABASE}-wal").exists():
        return None
    key = (str(folder.resolve()),)
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode=ro&immutable=1", uri=True)) as base:
            found = base.execute("SELECT id, request FROM assay_runs WHERE key = ?", key).fetchone()
            if found is None:
                return None
            noted = base.execute("SELECT value FROM assay_decisions WHERE run_id = ? AND name = ?",
                                 (found[0], STARTED_IN)).fetchone()  # fmt: skip
        return Origin(json.loads(found[1]), None if noted is None else Path(json.loads(noted[0])["folder"]))
    except (sqlite3.Error, ValueError, KeyError):
        return None


def find_path(text: str, folder: Path, started: Path | None) -> str | None:
    """Where a path that the run in `folder` was given lies, seen from here; None where it is not there any more."""
    given = Path(text).expanduser()
    if text in NAMED or given.is_absolute():
        return text
    places = (started,) if started is not None else (Path(), *folder.resolve().parents)
    found = (place / given for place in places)
    return next((str(one) for one in found if one.exists() and one.resolve() != folder.resolve()), None)


def require_origin(folder: Path) -> None:
    """Refuse a run whose source or decisions are gone.

    Raises:
        InputError: names what is gone.
    """
    origin = read_origin(folder)
    for name in ("source", "decisions"):
        text = "" if origin is None else str(origin.request.get(name) or "")
        if origin is None or not text or find_path(text, folder, origin.started) is not None:
            continue
        where = f"in {origin.started}" if origin.started is not None else "in this folder or one above it"
        raise InputError(f"{folder}: its run read {text!r}, which is not {where}; put it back, or run this where it is")
