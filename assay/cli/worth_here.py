"""Where results lie below a folder, and what they say a trick was worth."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from assay.errors import InputError
from assay.report.worth import Worth, read_worth
from assay.run_comparison.folders import result_folders
from assay.run_folder import DATABASE, SUMMARY


def find_worth(name: str, root: Path) -> list[Worth]:
    """What finished runs and ablations below `root` say of the trick class `name`; what is unreadable is named.

    An ablation in a database is read there; a summary is where the database lies elsewhere.
    """
    return [worth for folder in folders_here(root) for worth in of_database(name, folder) or of_summary(name, folder)]


@contextmanager
def passed_by(path: Path) -> Iterator[None]:
    """Go on where `path` cannot be read, but say so: one line on standard error."""
    try:
        yield
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        print(f"assay: skipped {told(path, error)}", file=sys.stderr)


def told(path: Path, error: Exception) -> str:
    """Which file gave no result, and why, in one line."""
    if isinstance(error, InputError):
        return str(error)
    if isinstance(error, OSError):
        return f"{path}: {error.strerror}"
    if isinstance(error, json.JSONDecodeError | UnicodeDecodeError):
        return f"{path}: it is no JSON ({error})"
    return f"{path}: it holds something else than an ablation leaves ({type(error).__name__}: {error})"


def folders_here(root: Path) -> Iterator[Path]:
    """Folders with results at and below `root`; what was not looked into is said on standard error."""

    def tell_full(number: int) -> None:
        print(f"assay: looked for runs in the first {number} folders below {root}; name one by --runs", file=sys.stderr)

    return result_folders(root, full=tell_full, closed=tell_closed)


def tell_closed(error: OSError) -> None:
    """Say that a folder was not looked into."""
    with passed_by(Path(error.filename)):
        raise error


def of_database(name: str, folder: Path) -> list[Worth]:
    """By the ablations in the folder's database."""
    from assay.store.finished import Finished, finished_stages

    path = folder / DATABASE
    stages, worth = list[Finished](), list[Worth]()
    with passed_by(path):
        stages = finished_stages(path, "ablate") if path.is_file() else []
    for request, result in stages:
        with passed_by(path):
            worth += read_worth(name, str(folder), request["source"], result["tricks"], result["report"]["findings"])
    return worth


def of_summary(name: str, folder: Path) -> list[Worth]:
    """By the folder's summary of a run; other programs' have no stages, and a run without an ablation no `ablate`."""
    path = folder / SUMMARY
    with passed_by(path):
        summary = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        if isinstance(summary, dict) and "ablate" in summary.get("stages", ()):
            findings = summary["stages"]["ablate"]["findings"]
            return read_worth(name, str(folder), summary["source"], summary["tricks"], findings)
    return []
