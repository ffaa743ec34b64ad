"""What a run's database tells beside its stages: of which version its tables are, and how often test was read."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import func, inspect, select

from assay.errors import InputError
from assay.store.finished import looking
from assay.store.schema import VERSION
from assay.store.tables import SchemaRow, TestReadRow


def require_known_version(path: Path) -> None:
    """Refuse tables of a newer version.

    Raises:
        InputError: they are newer than this Assay, or the file cannot be read.
    """
    with looking(path) as session:
        there = inspect(session.connection()).has_table(SchemaRow.__tablename__)
        version = session.scalar(select(SchemaRow.version)) if there else None
    if version is not None and version > VERSION:
        raise InputError(
            f"{path}: has tables of version {version}, and this Assay knows them up to {VERSION}; use a "
            "newer Assay to advise on it"
        )


def count_test_reads(path: Path, run: int) -> int:
    """How often this run evaluated a model on the test split."""
    with looking(path) as session:
        return session.scalar(select(func.count()).select_from(TestReadRow).where(TestReadRow.run_id == run)) or 0
