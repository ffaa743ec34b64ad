"""`assay runs`: what was run below here; `compare` sets some side by side, `why` says what makes two differ.

`assay runs trials` lists the trainings in a database that commands share.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assay.cli import options
from assay.errors import InputError

if TYPE_CHECKING:
    from assay.report.story import Score
    from assay.run_comparison.past_run import PastRun

Words = Annotated[
    list[str] | None,
    typer.Argument(
        help="Folders to look in and below; or `compare A B ...`, `why A B`, or `trials`.",
        show_default=False,
        metavar="[FOLDER...]",
    ),
]
Database = Annotated[
    str | None, typer.Option(help="Of `trials`: SQLAlchemy URL; ASSAY_DATABASE, or your own, without it.")
]
Last = Annotated[int | None, typer.Option(min=1, help="Of `trials`: how many, those that finished last.")]
Best = Annotated[int | None, typer.Option(min=1, help="Of `trials`: how many, those of the highest metric.")]
OfSource = Annotated[str | None, typer.Option("--source", help="Of `trials`: what the data is called, or its print.")]
OfTrick = Annotated[str | None, typer.Option("--trick", help="Of `trials`: words in the recipe, such as Mixup.")]
FEWEST = {"compare": 2, "why": 2}
EXACTLY = {"why": 2}


def runs(
    words: Words = None,
    database: Database = None,
    last: Last = None,
    best: Best = None,
    source: OfSource = None,
    trick: OfTrick = None,
    json: options.Json = False,
) -> None:
    """List runs, compare them, or say why two of them differ; list the trials of a database."""
    words = words or []
    asked = {"database": database, "last": last, "best": best, "source": source, "trick": trick}
    if words == ["trials"]:
        from assay.cli.trial_list import list_trials

        list_trials(database, last=last, best=best, source=source, trick=trick, as_json=json)
        return
    refuse_unheard([name for name, value in asked.items() if value is not None])
    if words and words[0] in FEWEST:
        from assay.cli.compared_runs import compare, tell_why

        require_number(words[0], words[1:])
        {"compare": compare, "why": tell_why}[words[0]](words[1:], as_json=json)
    else:
        list_runs(words or ["."], as_json=json)


def refuse_unheard(names: Sequence[str]) -> None:
    """Refuse options that only trials listen to.

    Raises:
        InputError: names them.
    """
    if names:
        raise InputError(f"{', '.join(f'--{name}' for name in names)}: of trials alone; write `assay runs trials`")


def require_number(action: str, names: Sequence[str]) -> None:
    """Refuse too few or too many runs.

    Raises:
        InputError: says how the command is written.
    """
    exactly = EXACTLY.get(action)
    if len(names) < FEWEST[action] or (exactly and len(names) != exactly):
        wanted = f"{exactly} runs" if exactly else f"at least {FEWEST[action]} runs"
        raise InputError(
            f"runs {action} needs {wanted}, got {len(names)}; write `assay runs {action} FOLDER FOLDER`, with folders "
            "that `assay runs` lists"
        )


def list_runs(places: Sequence[str], *, as_json: bool) -> None:
    """Print one line for each, the newest first."""
    from assay.run_comparison.finding_runs import find_runs

    found = find_runs(map(Path, places), say=lambda text: print(f"assay: {text}", file=sys.stderr))
    if as_json:
        print_json([to_dict(run) for run in found])
    elif not found:
        print(f"assay: no runs in or below {', '.join(places)}; `assay run SOURCE` makes one", file=sys.stderr)
    else:
        print_runs(found)


def print_runs(found: Sequence[PastRun]) -> None:
    """As a table."""
    from assay.cli.tables import make_table, print_table
    from assay.report.wording import duration

    table = make_table("run", "what", "source", "state", "score (95 %)", "time", "began", whole=("run", "began"))
    for run in found:
        began = run.when.astimezone().strftime("%Y-%m-%d %H:%M")
        table.add_row(run.name, run.kind, run.source, run.state, score_text(run), duration(run.seconds or None), began)
    print_table(table)


def score_text(run: PastRun) -> str:
    """`test accuracy 99.2 % [97.6, 99.7]`, or of a study `2 of 12 help`; empty where it has neither."""
    from assay.report.wording import interval, metric_name, score

    found = run.score
    if found is None:
        return run.outcome
    value = score(found.metric, found.value)
    return f"{run.split} {metric_name(found.metric)} {value} {interval(found.metric, found.low, found.high)}"


def to_dict(run: PastRun) -> dict[str, Any]:
    """Plain values; an interval is [low, high] at 95 %."""

    def plain(score: Score | None) -> dict[str, Any] | None:
        if score is None:
            return None
        # JSON has no NaN.
        low, high = (None if math.isnan(limit) else limit for limit in (score.low, score.high))
        return {**asdict(score), "low": low, "high": high, "interval": [low, high]}

    facts = {
        name: getattr(run, name) for name in ("name", "kind", "source", "seed", "state", "seconds", "budget", "outcome")
    }
    return {**facts, "folder": str(run.folder), "began": run.when.isoformat(), "test": plain(run.test),
            "validation": plain(run.validation)}  # fmt: skip


def print_json(value: Any) -> None:
    """Indented."""
    import json

    print(json.dumps(value, indent=2))
