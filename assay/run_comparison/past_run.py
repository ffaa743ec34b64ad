"""A run or a training as its folder tells of it: what it was asked, how it stands, how good it is.

One folder may hold several: a whole run, and stages that were asked for alone.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from assay.errors import InputError
from assay.report.story import Score
from assay.run_comparison.study_outcome import outcome_of
from assay.run_folder import MODEL, WORK, last_sign, read_summary
from assay.store.finished import Seen, look_in

SILENT_SECONDS = 30.0
"""Without a sign of life for so long, it was stopped, or is in a long step."""

State = Literal["running", "stopped", "done"]


@dataclass(frozen=True)
class PastRun:
    """What is told without reading its results.

    kind: "run", "train", or the stage that was asked for alone. number: of its row in the folder's database, if it
    has one. when: it began, or the last sign of life of what has no database. request: what was asked, as it is kept.
    outcome: of a study or a search alone, in a few words.
    """

    name: str
    folder: Path
    kind: str
    source: str
    seed: int | None
    state: State
    seconds: float
    budget: float | None
    when: datetime
    test: Score | None = None
    validation: Score | None = None
    number: int | None = None
    request: Mapping[str, Any] = field(default_factory=dict)
    outcome: str = ""

    @property
    def score(self) -> Score | None:
        return self.test or self.validation

    @property
    def split(self) -> str:
        """That the score is of; empty without one."""
        return "test" if self.test else "validation" if self.validation else ""


def newest(folder: Path) -> Seen | None:
    """The run of a folder's database that was begun last; None where it cannot be told."""
    try:
        runs = look_in(folder)
    except InputError:
        return None
    return runs[-1] if runs else None


def has_ended(seen: Seen) -> bool:
    """Whether all that was asked is done."""
    return seen.status == "done" or seen.request.get("stage") in seen.done


def runs_of(folder: Path, name: str) -> list[PastRun]:
    """All that one folder holds, what was begun last first; none where its files are another program's.

    Raises:
        InputError: its database cannot be read; gives the reason.
    """
    seen = look_in(folder)
    if seen:
        return [_of_database(folder, name, one) for one in reversed(seen)]
    summary = read_summary(folder)
    if summary and not ("source" in summary and ("stages" in summary or "recipe" in summary)):
        return []
    return [_of_files(folder, name, summary)]


def _of_database(folder: Path, name: str, seen: Seen) -> PastRun:
    request, whole = seen.request, "stage" not in seen.request
    # The summary in the folder is that of the whole run, or the one study, which ended.
    summary = read_summary(folder) if seen.status == "done" else {}
    scores = summary if whole else {}
    return PastRun(
        name=name, folder=folder, kind="run" if whole else str(request["stage"]), source=str(request.get("source", "")),
        seed=request.get("seed"), state=_state(folder, has_ended(seen), seen.status), seconds=seen.seconds,
        budget=request.get("budget_seconds"), when=_with_zone(seen.created), test=read_score(scores, "test"),
        validation=read_score(scores, "validation"), number=seen.id, request=request,
        outcome="" if whole else outcome_of(summary, str(request["stage"])),
    )  # fmt: skip


def _of_files(folder: Path, name: str, summary: Mapping[str, Any]) -> PastRun:
    """Of a training alone, or of a run whose database is elsewhere."""
    is_run = "stages" in summary or (folder / WORK).is_dir()
    is_done = bool(summary) or (folder / MODEL).is_file()
    return PastRun(
        name=name, folder=folder, kind="run" if is_run else "train", source=str(summary.get("source", "")),
        seed=summary.get("seed"), state=_state(folder, is_done), seconds=float(summary.get("seconds") or 0.0),
        budget=None, when=datetime.fromtimestamp(last_sign(folder), UTC), test=read_score(summary, "test"),
        validation=read_score(summary, "validation"),
    )  # fmt: skip


def read_score(summary: Mapping[str, Any], split: str) -> Score | None:
    """As a summary has it; None where it has none, or its value is no number. Limits that it has not are NaN."""
    told = summary.get(split)
    if not isinstance(told, Mapping) or not isinstance(told.get("value"), int | float):
        return None
    limits = told.get("interval") or (None, None)
    low, high = (math.nan if limit is None else limit for limit in limits)
    return Score(told["metric"], float(told["value"]), low, high, int(told.get("n", 0)), told.get("reads"))


def _state(folder: Path, is_done: bool, status: str = "") -> State:
    if is_done:
        return "done"
    if status == "stopped":
        return "stopped"
    return "running" if time.time() - last_sign(folder) < SILENT_SECONDS else "stopped"


def _with_zone(moment: datetime) -> datetime:
    """SQLite forgets that it was given in UTC."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
