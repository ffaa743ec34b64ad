"""From what was asked to a subject: first what is quick to read, then the audit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from assay.audit.inspect import inspect
from assay.data.examples import READING
from assay.data.open import open_data
from assay.errors import InputError
from assay.finding import Report
from assay.run_folder import AUDIT, DATABASE
from assay.store.finished import look_at_runs, look_at_stage
from assay.ui.asked import Asked
from assay.ui.example_rows import add_audit, add_features, list_examples, senseless
from assay.ui.origin import find_path, read_origin
from assay.ui.subject import Subject
from assay.ui.written_columns import add_written

if TYPE_CHECKING:
    import polars as pl


def open_subject(asked: Asked, folder: Path | None) -> Iterator[Subject]:
    """The data at once, as it lies and with no decision applied; then with its audit.

    Raises:
        InputError: the source or the table of an audit cannot be read, or do not belong together.
    """
    path = asked.audit or (folder / AUDIT if folder is not None and (folder / AUDIT).is_file() else None)
    known = None if path is None else read_audit(path)
    # What a training would refuse is a finding here; a run has read its data already.
    data = open_data(asked.place, target=asked.target, group=asked.group, size=asked.size, skip_bad=asked.skip_bad,
                     impute=asked.impute, seed=asked.seed, tolerant=folder is None)  # fmt: skip
    examples, features = add_features(list_examples(data), data)
    examples, texts, others = add_written(examples, data, asked.place, asked.group)
    first = Subject(data, examples, folder=folder, features=features, texts=texts, others=others)
    left_out = senseless(data)
    if known is not None:
        report = None if folder is None else read_report(folder)
        first = replace(
            first, table=add_audit(examples, known, name=str(path), left_out=left_out), report=report, version=1
        )
    yield first
    if first.report is not None:
        return
    audit = inspect(data, budget_seconds=asked.budget_seconds, seed=asked.seed)
    table = add_audit(examples, audit.table, left_out=left_out)
    if known is not None:
        table = add_audit(table, known, name=str(path), left_out=left_out)
    yield replace(first, table=table, report=audit.report, version=2)


def resolve(asked: Asked) -> tuple[Asked, Path | None]:
    """What to open; of the folder of a run, or the last one of a folder of runs, what that run was asked."""
    folder = Path(asked.place).expanduser()
    if not folder.is_dir() or not any((one / DATABASE).is_file() for one in (folder, *folder.iterdir())):
        return asked, None
    # Stages and tricks take seconds to import, that only runs should cost.
    from assay.stages.request import find_request
    from assay.ui.run_list import runs_in

    # A stage alone or a learning curve leaves a database, too, that does not say how its data is read.
    asks = ((one, find_request(one)) for one in (folder, *runs_in(folder)))
    folder, found = next(((one, known) for one, known in asks if known is not None), (folder, None))
    if found is None:
        return asked, None
    known = {name: getattr(found, name) for name in (*READING, "seed")}
    origin = read_origin(folder)
    started = None if origin is None else origin.started
    place = find_path(found.source, folder, started) or found.source
    decisions = found.decisions and Path(find_path(found.decisions, folder, started) or found.decisions)
    return replace(asked, place=place, decisions=asked.decisions or decisions or None, **known), folder


def choose_decisions(asked: Asked, folder: Path | None) -> Path:
    """Where decisions go: to the file asked for, else into the folder of the run, else to one named like the source."""
    if asked.decisions is not None:
        return asked.decisions
    return folder / "decisions.jsonl" if folder is not None else Path(f"{asked.name}.decisions.jsonl")


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
    """The findings of the run's inspection, once it is finished; the database is only looked at."""
    done = [run.id for run in look_at_runs(folder / DATABASE) if "inspect" in run.done]
    found = look_at_stage(folder / DATABASE, done[-1], "inspect") if done else None
    return None if found is None else Report.from_dict(found["report"])
