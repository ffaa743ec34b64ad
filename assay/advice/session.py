"""Advice on one folder, with the project's history: what was followed, what came of it, and what is next."""

from __future__ import annotations

import math
import shlex
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from assay.advice.command import Command
from assay.advice.counsel import Advice, Counsel, counsel
from assay.advice.following import follow, state_of
from assay.advice.history import (
    VERDICTS,
    AdviceOutcome,
    GivenAdvice,
    as_given,
    history_file,
    last_outcomes,
    read_history,
    record_of,
    remember,
)
from assay.advice.measurements import Measurements
from assay.advice.run_folder import read_run
from assay.audit.journal import Log
from assay.errors import InputError
from assay.finding import Finding


@dataclass(frozen=True, eq=False)
class AdviceSession:
    """next: advice that was not followed yet, by expected worth. followed: the rest, with what came of it.

    counsel, next: on the run that was asked about, or on the better one that following advice on it led to.
    asked_about: the folder that was asked about.
    unkept: why the history could not be written, if it could not.
    """

    counsel: Counsel
    next: tuple[Advice, ...]
    followed: tuple[tuple[GivenAdvice, AdviceOutcome], ...]
    history: Log[GivenAdvice | AdviceOutcome]
    asked_about: Path
    unkept: str = ""
    seconds: float = 0.0

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong with the history itself, and with files of the folder."""
        cause, fix = "A process was killed while it wrote, or the disk is full.", "Make it again, into another folder."
        unread = tuple(
            Finding("unreadable_file", "suspect", f"{one}.", cause=cause, fix=fix)
            for one in self.counsel.measurements.unread
        )
        return unread + self.history.tell_set_aside(
            cause="A process was killed in the middle of a line, or the file was edited by hand.",
            fix="Look at these lines in the file, and mend or remove them.",
        )


def advise_on(
    folder: Path, *, target: float | None = None, history: Path | None = None, renamed: Mapping[str, str] | None = None
) -> AdviceSession:
    """Read the folder, tell what came of earlier advice on it, and what to do next; both are kept in the history.

    Args:
        history: the project's file; `advice.jsonl` beside the folder without it.
        renamed: of a rule whose command was run into another folder than it says: that folder.
    Raises:
        InputError: see `read_run`; or the history cannot be read.
    """
    started, path = time.perf_counter(), history or history_file(folder)
    session = advise_from(read_run(folder, target=target), folder, path, renamed or {})
    return replace(session, asked_about=folder, seconds=time.perf_counter() - started)


def advise_from(
    m: Measurements, folder: Path, path: Path, renamed: Mapping[str, str], seen: frozenset[Path] = frozenset()
) -> AdviceSession:
    """Of a folder that was read; where advice on it was followed and helped, of the better run, and so on.

    Args:
        seen: folders on the way here, which are not gone back to.
    """
    log = read_history(path)
    before = counsel(m, record_of(log.entries))
    given = [as_given(m, one, state_of(m, one.expected)) for one in before.advice]
    known = {one.id: one for one in log.entries if isinstance(one, GivenAdvice)}
    unkept = keep(path, [one for one in given if one.id not in known])
    known |= {one.id: one for one in given if one.id not in known}
    here = [one for one in known.values() if one.run == str(folder.resolve())]
    followed = outcomes_of(path, here, log, renamed)
    seen |= {folder.resolve()}
    better = find_better(m, followed, seen)
    if better is not None and better.folder is not None:
        onward = advise_from(better, better.folder, path, {}, seen)
        return replace(onward, followed=(*followed, *onward.followed))
    log = read_history(path) if not unkept else log
    now = with_later(m, (*measured_in(followed), *measured_since(before)))
    after = counsel(now, record_of(log.entries), lambda one: came_of(m, one, followed))
    return AdviceSession(after, after.advice, followed, log, folder, unkept)


def came_of(m: Measurements, one: Advice, followed: Iterable[tuple[GivenAdvice, AdviceOutcome]]) -> str:
    """What came of this advice, or of another rule's that asked for the same command; empty where none was followed."""
    identity = as_given(m, one, None).id
    for given, outcome in followed:
        if identity == given.id or one.command.asks == Command(tuple(shlex.split(given.command)), outcome.folder).asks:
            return f"{given.action.rstrip('.')} ({outcome.verdict})"
    return ""


def find_better(
    m: Measurements, followed: Iterable[tuple[GivenAdvice, AdviceOutcome]], seen: frozenset[Path]
) -> Measurements | None:
    """Of the runs that advice led to and that came as expected, the one of the best validation score.

    It has the same target and data: what was measured of these holds for it too.
    """
    found = list[Measurements]()
    for _, one in followed:
        if one.verdict == VERDICTS[0] and one.change is not None and Path(one.folder).resolve() not in seen:
            with suppress(InputError):
                later = read_run(Path(one.folder))
                found.append(replace(add_measured(later, m), target=m.target, target_from=m.target_from))
    known = [one for one in found if one.shipped is not None and math.isfinite(one.shipped.value)]
    return max(known, key=lambda one: one.shipped.value if one.shipped is not None else -math.inf, default=None)


def measured_in(followed: Iterable[tuple[GivenAdvice, AdviceOutcome]]) -> list[Path]:
    """Where advice to measure something was carried out."""
    return [Path(one.folder) for given, one in followed if given.expected.quantity == "known"]


def measured_since(found: Counsel) -> list[Path]:
    """Where a stage wrote to that a rule had said would measure what it lacks."""
    asked = [
        one.measure for one in found.lacking.values() if one.measure is not None and one.measure.words[1] != "train"
    ]
    return list(
        dict.fromkeys(Path(one.folder) for one in asked if one.folder is not None and Path(one.folder).is_dir())
    )


def with_later(m: Measurements, folders: Iterable[Path]) -> Measurements:
    """What was measured after the run, in folders of its own, where the run itself has not measured it."""
    for folder in folders:
        with suppress(InputError):
            later = read_run(folder)
            m = add_measured(m, later) if later.asked.is_of_same_data(m.asked) else m
    return m


OF_A_MODEL = ("squeeze.", "test.")
"""Stages that speak of one trained model, and not of the data or the recipe."""


def add_measured(m: Measurements, other: Measurements) -> Measurements:
    """What a run about the same data has measured and this one has not."""
    theirs = {name: one for name, one in other.findings.items() if not name.startswith(OF_A_MODEL)}
    return replace(
        m,
        findings={**theirs, **m.findings},
        tricks=m.tricks or other.tricks,
        baseline=m.baseline or other.baseline,
        neighbours=m.neighbours or other.neighbours,
        judged=m.judged or other.judged,
    )


def keep(path: Path, entries: list[GivenAdvice]) -> str:
    """Write them down; why not, where that cannot be done: advice is worth more than its record."""
    try:
        for one in entries:
            remember(path, one)
    except InputError as error:
        return str(error)
    return ""


def outcomes_of(
    path: Path, here: list[GivenAdvice], log: Log[GivenAdvice | AdviceOutcome], renamed: Mapping[str, str]
) -> tuple[tuple[GivenAdvice, AdviceOutcome], ...]:
    """Of advice on this run that was followed; what is new is written down."""
    told, found = last_outcomes(log.entries), list[tuple[GivenAdvice, AdviceOutcome]]()
    for one in here:
        before = told.get(one.id)
        now = follow(one, renamed.get(one.rule)) or before
        if now is None:
            continue
        if before is None or (before.verdict, before.change, before.folder) != (now.verdict, now.change, now.folder):
            with suppress(InputError):
                remember(path, now)
        found.append((one, now))
    return tuple(found)
