"""Where results lie below a folder, and what they say a trick was worth."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from assay.report.worth import Worth, read_worth

DATABASE, SUMMARY = "assay.db", "summary.json"
DEEPEST = 4
"""Folders below the one asked for: `experiments/2024/photos/second`."""
MOST_FOLDERS = 2000
"""Looked into at the most: a card is not worth the reading of a whole disk."""
NOT_LOOKED_AT = ("__pycache__", "node_modules", "site-packages")


def find_worth(name: str, root: Path) -> list[Worth]:
    """What finished runs and ablations below `root` say of the trick class `name`; what is none is passed by.

    An ablation in a database is read there; a summary is where the database lies elsewhere.
    """
    found = []
    for folder in result_folders(root):
        try:
            found += of_database(name, folder) or of_summary(name, folder)
        except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError):
            continue
    return found


def result_folders(root: Path) -> Iterator[Path]:
    """Folders with results, `root` among them, in the order of their names."""
    for number, (place, folders, files) in enumerate(os.walk(root)):
        if number == MOST_FOLDERS:
            print(
                f"assay: looked for runs in the first {number} folders below {root}; name one by --runs",
                file=sys.stderr,
            )
            return
        folder = Path(place)
        depth = len(folder.relative_to(root).parts)
        folders[:] = sorted(
            name for name in folders if depth < DEEPEST and not name.startswith(".") and name not in NOT_LOOKED_AT
        )
        if {DATABASE, SUMMARY} & set(files):
            yield folder


def of_database(name: str, folder: Path) -> list[Worth]:
    """By the ablations in the folder's database."""
    from assay.store.finished import finished_stages

    if not (folder / DATABASE).is_file():
        return []
    worth = list[Worth]()
    for request, result in finished_stages(folder / DATABASE, "ablate"):
        worth += read_worth(name, str(folder), request["source"], result["tricks"], result["report"]["findings"])
    return worth


def of_summary(name: str, folder: Path) -> list[Worth]:
    """By the folder's summary of a run."""
    path = folder / SUMMARY
    if not path.is_file():
        return []
    summary = json.loads(path.read_text(encoding="utf-8"))
    findings = summary["stages"]["ablate"]["findings"]
    return read_worth(name, str(folder), summary["source"], summary["tricks"], findings)
