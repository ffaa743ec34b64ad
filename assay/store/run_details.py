"""What a database keeps of one run beside its state: decisions, stages' seconds, results; read without a trace."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import select

from assay.run_folder import DATABASE
from assay.store.finished import look_in, looking
from assay.store.tables import DecisionRow, StageRow

RECIPE = "recipe"
"""The decision under which a stage alone keeps what it works on, so that it goes on without the recipe's file."""


def last_asked(folder: Path, *stages: str) -> tuple[Mapping[str, Any], str] | None:
    """What was asked last in a folder, of one of these stages alone, and its recipe as TOML; None where none began.

    Raises:
        InputError: the database cannot be read.
    """
    for seen in reversed(look_in(folder)):
        if seen.request.get("stage") in stages:
            kept = look_at_decisions(folder / DATABASE, seen.id, RECIPE)
            return (seen.request, kept[RECIPE]["toml"]) if RECIPE in kept else None
    return None


def look_at_decisions(path: Path, run: int, *names: str) -> Mapping[str, Mapping[str, Any]]:
    """Those of the named decisions that were made.

    Raises:
        InputError: the file cannot be read, or is no database of runs; gives the database's reason.
    """
    wanted = select(DecisionRow.name, DecisionRow.value)
    with looking(path) as session:
        rows = session.execute(wanted.where(DecisionRow.run_id == run, DecisionRow.name.in_(names))).all()
    return {name: value for name, value in rows}


def look_at_stages(path: Path, run: int, *names: str) -> Mapping[str, Mapping[str, Any]]:
    """The results of those of the named stages that are finished.

    Raises:
        InputError: the file cannot be read, or is no database of runs; gives the database's reason.
    """
    wanted = select(StageRow.name, StageRow.result).order_by(StageRow.id)
    with looking(path) as session:
        rows = session.execute(wanted.where(StageRow.run_id == run, StageRow.name.in_(names))).all()
    return {name: result for name, result in rows}


def look_at_seconds(path: Path, run: int) -> Mapping[str, float]:
    """How long each finished stage took, in their order; results with their pictures are not read for it.

    Raises:
        InputError: the file cannot be read, or is no database of runs; gives the database's reason.
    """
    wanted = select(StageRow.name, StageRow.result["seconds"].as_float()).order_by(StageRow.id)
    with looking(path) as session:
        rows = session.execute(wanted.where(StageRow.run_id == run)).all()
    return {name: float(seconds or 0.0) for name, seconds in rows}
