"""Runs and trainings in a folder, and how each of them stands, as far as their files tell."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from copy import copy, deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any, Literal

from assay.finding import Report
from assay.report.story import STAGES
from assay.report.wording import duration, interval, score
from assay.run_comparison.past_run import SILENT_SECONDS, has_ended, newest
from assay.run_folder import CURVES, DATABASE, MODEL, REPORT, ROOT, is_run, last_sign, read_summary
from assay.store.finished import look_at_stage
from assay.training.live import LiveTail
from assay.ui.not_there import NotThereError

State = Literal["running", "silent", "done"]


@dataclass(frozen=True)
class RunState:
    """One folder as it stands now.

    quiet: seconds since something was written there. stage, text: what is done now. done: finished stages.
    planned: all stages of a whole run; none of a training alone.
    """

    name: str
    folder: Path
    source: str
    seed: int | None
    state: State
    quiet: float
    stage: str
    text: str
    seconds: float
    budget: float | None
    score: str
    planned: tuple[str, ...]
    done: tuple[str, ...]
    version: str

    @property
    def told_time(self) -> str:
        """`40 s of 2 min`."""
        of = f" of {duration(self.budget)}" if self.budget else ""
        return f"{duration(self.seconds)}{of}" if self.seconds else ""

    @property
    def has_report(self) -> bool:
        return (self.folder / REPORT).is_file()

    @property
    def told_quiet(self) -> str:
        return duration(self.quiet)


@dataclass(eq=False)
class RunList:
    """The runs below one folder; curves are read on from where they were."""

    root: Path
    _tails: dict[str, LiveTail] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def states(self) -> tuple[RunState, ...]:
        """All of them, what was written to last first."""
        found = [self._state(folder) for folder in self._folders()]
        return tuple(sorted(found, key=lambda state: state.quiet))

    def folder(self, name: str) -> Path:
        """The folder of a run.

        Raises:
            NotThereError: there is no such run.
        """
        known = {folder.name: folder for folder in self._folders()}
        if name not in known:
            raise NotThereError(f"there is no run {name!r} in {self.root}")
        return known[name]

    def tail(self, name: str) -> LiveTail:
        """The curves of a run as they are now: a copy, which another request does not change."""
        return self._tail(self.folder(name), deepcopy)

    def state(self, name: str) -> RunState:
        """How it stands.

        Raises:
            NotThereError: there is no such run.
        """
        return self._state(self.folder(name))

    def _folders(self) -> list[Path]:
        return [folder for folder in self.root.iterdir() if is_run(folder)] if self.root.is_dir() else []

    def _tail(self, folder: Path, copied: Callable[[LiveTail], LiveTail]) -> LiveTail:
        with self._lock:
            tail = self._tails.setdefault(folder.name, LiveTail(folder / CURVES))
            tail.read()
            return copied(tail)

    def _state(self, folder: Path) -> RunState:
        tail = self._tail(folder, copy)
        seen, summary, quiet = newest(folder), read_summary(folder), time.time() - last_sign(folder)
        # A summary is of a whole run that ended: a later one, or a stage alone in its folder, may be under way.
        summary = {} if seen and ("stage" in seen.request or seen.status != "done") else summary
        is_done = has_ended(seen) if seen else bool(summary) or (folder / MODEL).exists()
        lives = quiet < SILENT_SECONDS and not (seen and seen.status == "stopped")
        state: State = "done" if is_done else "running" if lives else "silent"
        request = seen.request if seen else {}
        under_way = [stage for stage in seen.begun if stage not in seen.done] if seen else []
        done = seen.done if seen else ()
        return RunState(
            folder.name, folder, str(request.get("source", summary.get("source", ""))), request.get("seed"), state,
            quiet, under_way[-1] if under_way else tail.stage, tail.text, seen.seconds if seen else 0.0,
            request.get("budget_seconds"), read_score(summary), planned_of(request), done,
            f"{tail.version}-{len(done)}-{state}-{under_way[-1] if under_way else ''}"
            f"-{quiet // 60 if state == 'silent' else 0:.0f}",
        )  # fmt: skip

    def report(self, name: str, stage: str) -> Report | None:
        """What a finished stage found; None while it is not finished."""
        folder = self.folder(name)
        seen = newest(folder)
        if seen is None or stage not in seen.done:
            return None
        found = look_at_stage(folder / DATABASE, seen.id, stage)
        return None if found is None or "report" not in found else Report.from_dict(found["report"])


def choose_root(place: str) -> Path:
    """Where to look for runs: around the folder of a run, in a folder of runs, else where runs are usually put."""
    folder = Path(place).expanduser()
    if is_run(folder):
        return folder.resolve().parent
    return folder if newest_run(folder) is not None else ROOT


def newest_run(folder: Path) -> Path | None:
    """Of a folder of runs, the one that was written to last; None where it holds none."""
    return next(iter(runs_in(folder)), None)


def runs_in(folder: Path) -> list[Path]:
    """The folders with a database in a folder of runs, what was written to last first."""
    runs = [one for one in folder.iterdir() if (one / DATABASE).is_file()] if folder.is_dir() else []
    return sorted(runs, key=last_sign, reverse=True)


def planned_of(request: Mapping[str, Any]) -> tuple[str, ...]:
    """The stages that a run goes through; of a stage alone that one."""
    if not request:
        return ()
    if "stage" in request:
        return (str(request["stage"]),)
    return tuple(stage for stage in STAGES if stage != "decisions" or request.get("decisions"))


def read_score(summary: Mapping[str, Any]) -> str:
    """`test accuracy 99.2 % [97.6, 99.7]`; empty before there is one."""
    for split in ("test", "validation"):
        told = summary.get(split)
        if told:
            value = score(told["metric"], told["value"])
            return f"{split} {told['metric']} {value} {interval(told['metric'], *told['interval'])}"
    return ""
