"""Under which name a tracking tool knows a command: kept in its folder, so that it goes on there after a stop."""

from __future__ import annotations

import json
from pathlib import Path

from assay.whole_file import write_whole

FILE = "tracking.json"


def kept_id(folder: Path, tool: str) -> str | None:
    """The id, or None if the tool was not told of this folder yet."""
    return _read(folder).get(tool)


def keep_id(folder: Path, tool: str, id: str) -> None:
    """Write it down beside those of other tools."""
    write_whole(folder / FILE, json.dumps({**_read(folder), tool: id}) + "\n")


def _read(folder: Path) -> dict[str, str]:
    try:
        found = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
