"""From what was asked to a subject: first what is quick to read, then the audit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from assay.audit.inspect import inspect
from assay.errors import InputError
from assay.finding import Report
from assay.pipeline import Request, database_in, find_request
from assay.stages import AUDIT
from assay.store.store import Store
from assay.ui.asked import Asked
from assay.ui.example_rows import add_audit, list_examples
from assay.ui.run_list import newest_run
from assay.ui.subject import Subject

if TYPE_CHECKING:
    import polars as pl


def open_subject(asked: Asked, request: Request, folder: Path | None) -> Iterator[Subject]:
    """The data at once, as it lies and with no decision applied; then with its audit.

    Raises:
        InputError: the source or the table of an audit cannot be read, or do not belong together.
    """
    data = replace(request, decisions=None).open()
    first = Subject(data, list_examples(data), folder=folder)
    yield first
    path = asked.audit or (folder / AUDIT if folder is not None and (folder / AUDIT).is_file() else None)
    if path is not None:
        table = add_audit(first.table, read_audit(path), name=str(path))
        report = None if folder is None else read_report(folder)
        if report is not None or asked.audit is None:
            yield replace(first, table=table, report=report, version=1)
            return
        yield replace(first, table=table, version=1)
    audit = inspect(data, budget_seconds=asked.budget_seconds, seed=request.seed)
    table = add_audit(first.table, audit.table)
    if path is not None:
        table = add_audit(table, read_audit(path), name=str(path))
    yield replace(first, table=table, report=audit.report, version=2)


def request_of(asked: Asked) -> tuple[Request, Path | None]:
    """What to open; of the folder of a run, or the last one of a folder of runs, what that run was asked."""
    folder = Path(asked.place).expanduser()
    found = find_request(folder) if folder.is_dir() else None
    if found is None and (latest := newest_run(folder)) is not None:
        folder, found = latest, find_request(latest)
    if found is not None:
        return found, folder
    return Request(asked.place, asked.budget_seconds, asked.seed, asked.target, asked.group, asked.size,
                   asked.skip_bad, asked.impute), None  # fmt: skip


def choose_decisions(asked: Asked, request: Request, folder: Path | None) -> Path:
    """Where decisions go: what was asked for, what the run was given, or a file of the run's or source's own."""
    if asked.decisions is not None:
        return asked.decisions
    if request.decisions is not None:
        return Path(request.decisions)
    return folder / "decisions.jsonl" if folder is not None else Path(f"{Path(request.source).name}.decisions.jsonl")


def read_audit(path: Path) -> pl.DataFrame:
    """A table of an audit.

    Raises:
        InputError: there is no such file, or it is no Parquet.
    """
    import polars as pl

    try:
        return pl.read_parquet(path)
    except (OSError, pl.exceptions.PolarsError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"{path}: cannot be read as Parquet ({reason:.200}); give the audit.parquet of "
                         "`assay clean` or of a run") from error  # fmt: skip


def read_report(folder: Path) -> Report | None:
    """The findings of the run's inspection, once it is finished."""
    store = Store(database_in(folder))
    try:
        run = store.open_run(str(folder.resolve()), {})
        found = store.find_stage(run, "inspect")
    finally:
        store.close()
    return None if found is None else Report.from_dict(found["report"])
