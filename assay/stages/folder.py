"""The folder of a stage alone: what is finished there is not overwritten, and a refusal leaves nothing behind."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from assay.data.data import Data
from assay.errors import InputError
from assay.recipe import Recipe
from assay.run_comparison.past_run import has_ended
from assay.run_folder import CURVES, DATABASE, SUMMARY, WORK
from assay.store.database import UnusableFileError
from assay.store.finished import Seen, look_in
from assay.timetable import Timetable

REPORTING = ("ablate", "tune")
"""Stages that leave a report and a summary, of which a folder has one."""
BARE = (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", CURVES, WORK)
"""What a command makes before it has anything to say."""


def require_same_question(folder: Path, asked: Mapping[str, Any]) -> None:
    """Refuse to overwrite the finished results of another question, or of the same one about other data.

    Raises:
        InputError: names what differs; or the folder's database is damaged, so that nobody knows.
    """
    if asked["stage"] not in REPORTING:
        return
    now = json.loads(json.dumps(asked))
    finished = [
        seen for seen in _known_runs(folder) if has_ended(seen) and seen.request.get("stage") in (None, *REPORTING)
    ]
    if any(seen.request == now for seen in finished):
        return
    if finished:
        raise InputError(f"{folder}: {_difference(finished[-1].request, now)}")
    if (folder / SUMMARY).exists():
        raise InputError(f"{folder}: holds finished results of something else ({SUMMARY}); use another --out")


def require_a_step(epochs: float | None, recipe: Recipe, data: Data) -> None:
    """Refuse trainings of less than one optimiser step, which would all be made one.

    Raises:
        InputError: tells how much one step is.
    """
    steps = Timetable(recipe.batch_size, 1.0, len(data.train)).steps_per_epoch
    if epochs is not None and epochs * steps < 1.0 - 1e-6:
        raise InputError(
            f"--epochs {epochs:g} is less than one step: an epoch of {len(data.train):,} examples in batches of "
            f"{recipe.batch_size} has {steps:,}, so that one is --epochs {1 / steps:.3g}; give several of them"
        )


@contextmanager
def nothing_left(folder: Path) -> Iterator[None]:
    """Take back what a refused command made in a folder that was new or empty, unless something was trained there."""
    is_new = not folder.is_dir() or not any(folder.iterdir())
    made = [place for place in (folder, *folder.parents) if not place.exists()]
    try:
        yield
    except InputError:
        if is_new and folder.is_dir() and not _is_worth_keeping(folder):
            shutil.rmtree(folder / WORK, ignore_errors=True)
            for name in set(BARE) - {WORK}:
                (folder / name).unlink(missing_ok=True)
        with suppress(OSError):
            # From the innermost out, as far as they are empty.
            for place in made:
                place.rmdir()
        raise


def _is_worth_keeping(folder: Path) -> bool:
    """Whether anything was trained or finished there."""
    others = [path for path in folder.iterdir() if path.name not in BARE]
    work, curves = folder / WORK, folder / CURVES
    trained = curves.is_file() and '"name":' in curves.read_text(encoding="utf-8", errors="replace")
    return bool(others) or trained or any(work.rglob("*")) or any(seen.done for seen in _runs(folder))


def _known_runs(folder: Path) -> list[Seen]:
    """As `_runs`; a damaged database beside finished results is told of here, since a new one would know nothing."""
    try:
        return look_in(folder)
    except UnusableFileError as error:
        if not (folder / SUMMARY).exists():
            return []
        reason = getattr(error.__cause__, "orig", error.__cause__)
        raise InputError(
            f"{folder}: holds finished results, but {DATABASE} is damaged ({reason}), so that nobody knows what was "
            "asked; restore it, or use another --out"
        ) from error
    except InputError:
        return []


def _runs(folder: Path) -> list[Seen]:
    """Of its database; a file that is none is told of where it is opened."""
    with suppress(InputError):
        return look_in(folder)
    return []


def _difference(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Why a question is another than the finished one."""
    kind = before.get("stage")
    if kind != now["stage"]:
        return f"holds the results of a finished {kind or 'run'}; use another --out"
    held, asked = flat(before), flat(now)
    names = [name for name in asked if held.get(name) != asked[name]]
    if names == ["data"]:
        return (
            f"the data was changed since the {kind} there was finished (fingerprint {held.get('data')}, now "
            f"{asked['data']}); put it back, or use another --out"
        )
    told = "; ".join(
        f"another {name}" if name in ("data", "recipe") else f"{name} {held.get(name)!r}, not {asked[name]!r}"
        for name in names
    )
    return f"holds the results of a finished {kind} that was asked with {told}; ask the same, or use another --out"


def flat(request: Mapping[str, Any]) -> dict[str, Any]:
    """The options of a study among those of the request."""
    return {**{name: value for name, value in request.items() if name != "study"}, **(request.get("study") or {})}
