"""Results that outlive a killed bench: one JSON line for each judged program, found again by key and version."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
JUDGED, DRAWN = "assay", "benchmarks/faults"


def version_of_code(*folders: str) -> str:
    """A digest of the sources in these folders: results of other code do not count."""
    seen = hashlib.sha256()
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            seen.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return seen.hexdigest()[:12]


class Journal:
    """Append-only; a line cut off by a kill is left out."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows: dict[tuple[str, ...], dict[str, Any]] = {}
        for line in path.read_text().splitlines() if path.exists() else []:
            try:
                row = json.loads(line)
            except json.JSONDecodeError:
                continue
            self.rows[tuple(row["found_by"])] = row

    def find(self, *key: str) -> dict[str, Any] | None:
        """The result under this key, if there is one."""
        return self.rows.get(key)

    def add(self, key: tuple[str, ...], row: dict[str, Any]) -> dict[str, Any]:
        """Write a result down at once."""
        row = {"found_by": list(key), **row}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a") as file:
            file.write(json.dumps(row, default=str) + "\n")
        self.rows[key] = row
        return row
