"""A project's history of advice and outcomes: an append-only file of lines beside the runs, `advice.jsonl`.

    {"kind": "given", "id": ..., "run": ..., "rule": ..., "command": ..., "folder": ..., "expected": ..., "before": ...}
    {"kind": "outcome", "id": ..., "folder": ..., "verdict": "as expected", "change": .01, "low": .002, "high": .018}

The same advice on the same run is written once. A line that cannot be read is set aside, and named.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from assay.advice.counsel import Advice
from assay.advice.judgement import Expected
from assay.advice.measurements import Measurements
from assay.audit.journal import Log, append_line, read_lines, time_now
from assay.errors import InputError

FILE, WHAT = "advice.jsonl", "advice"
VERDICTS = ("as expected", "not as expected", "within noise")


@dataclass(frozen=True)
class GivenAdvice:
    """Advice as it was given. before: the score that is to change, with its interval and the scores of examples."""

    id: str
    run: str
    rule: str
    action: str
    command: str
    folder: str | None
    expected: Expected
    before: Mapping[str, Any] | None
    time: str


@dataclass(frozen=True)
class AdviceOutcome:
    """What came of it. change, low, high: of the score, in the metric's unit; None where something is known now."""

    id: str
    folder: str
    verdict: str
    change: float | None
    low: float | None
    high: float | None
    told: str
    time: str


def history_file(folder: Path) -> Path:
    """Beside the runs."""
    return folder.resolve().parent / FILE


def read_history(path: Path) -> Log[GivenAdvice | AdviceOutcome]:
    """All lines in their order; of no file, none.

    Raises:
        InputError: the file cannot be read at all.
    """
    return read_lines(path, parse, what=WHAT) if path.exists() else Log(path, WHAT, ())


def parse(values: Mapping[str, Any], line: int) -> GivenAdvice | AdviceOutcome:
    """A line.

    Raises:
        InputError: it lacks something, or is of a kind that is not known.
    """
    try:
        if values["kind"] == "given":
            fields = {
                name: values[name] for name in ("id", "run", "rule", "action", "command", "folder", "before", "time")
            }
            return GivenAdvice(**fields, expected=Expected(**values["expected"]))
        if values["kind"] == "outcome" and values["verdict"] in VERDICTS:
            names = ("id", "folder", "verdict", "change", "low", "high", "told", "time")
            return AdviceOutcome(**{name: values[name] for name in names})
    except (KeyError, TypeError) as error:
        raise InputError(f"lacks or has the wrong {error}") from error
    raise InputError("is neither advice nor an outcome that is known here")


def remember(path: Path, given: GivenAdvice | AdviceOutcome) -> None:
    """Add it to the file.

    Raises:
        InputError: the file cannot be written, or the disk is full.
    """
    kind = "given" if isinstance(given, GivenAdvice) else "outcome"
    append_line(path, json.dumps({"kind": kind, **asdict(given)}, ensure_ascii=False).encode() + b"\n", what=WHAT)


def as_given(m: Measurements, one: Advice, before: Mapping[str, Any] | None) -> GivenAdvice:
    """With an id that the same advice on the same run has again, from wherever it is asked for."""
    run = "" if m.folder is None else str(m.folder.resolve())
    words = [word if m.folder is None else word.replace(str(m.folder), run) for word in one.command.words]
    digest = hashlib.blake2b(repr((run, one.rule, words)).encode(), digest_size=8).hexdigest()
    folder = None if one.command.folder is None else str(Path(one.command.folder).resolve())
    return GivenAdvice(digest, run, one.rule, one.action, str(one.command), folder, one.expected, before, time_now())


def record_of(entries: tuple[GivenAdvice | AdviceOutcome, ...]) -> dict[str, tuple[int, int]]:
    """Of each rule, how often its advice did what was expected, and how often not: noise is not what was expected.

    Advice to measure something is left out: that it was carried out says nothing of whether it was worth it.
    """
    rules = {one.id: one.rule for one in entries if isinstance(one, GivenAdvice) and one.expected.quantity != "known"}
    found: dict[str, tuple[int, int]] = {}
    for one in last_outcomes(entries).values():
        if one.id in rules:
            right, wrong = found.get(rules[one.id], (0, 0))
            found[rules[one.id]] = (right + (one.verdict == VERDICTS[0]), wrong + (one.verdict != VERDICTS[0]))
    return found


def last_outcomes(entries: tuple[GivenAdvice | AdviceOutcome, ...]) -> dict[str, AdviceOutcome]:
    """By the advice's id: what was said of it last."""
    return {one.id: one for one in entries if isinstance(one, AdviceOutcome)}
