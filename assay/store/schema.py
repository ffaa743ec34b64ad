"""The version of the tables: a database of an older one is brought up to date, of a newer one it is left alone.

Version 1 had no table that says so. Version 2 has jobs, and columns by which trials are compared. Version 3 has what
the data of a trial is called, and indexes by which trials are listed. Version 4 has measurements.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from sqlalchemy import and_, inspect, select, text, update
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError
from sqlalchemy.orm import Session
from sqlalchemy.schema import CreateColumn

from assay.errors import InputError
from assay.store.tables import Base, SchemaRow, TrialRow

VERSION = 4
OPTUNA = {"alembic_version", "studies"}
"""Tables of Optuna's studies, which may lie in the same file. One of them alone is another's, such as MLflow's."""

ADDED = {TrialRow: ("source", "data", "seed", "value", "loss", "seconds")}
"""Columns that older versions do not have."""

FILLED = "data", "seed", "value", "loss", "seconds"
"""Those that are filled from the key and the result."""

CHUNK = 500


def prepare(engine: Engine) -> None:
    """Make the tables, or bring them up to date; nothing is done where they are.

    Raises:
        InputError: another program's file, or tables of a version that is not known here; nothing is changed then.
    """
    names = set(inspect(engine).get_table_names())
    known = {name for name in names if name.startswith("assay_")}
    if engine.dialect.name == "sqlite" and names and not known and not names >= OPTUNA:
        raise InputError(f"the database holds another program's tables ({', '.join(sorted(names)[:3])}); name another")
    version = read_version(engine) if SchemaRow.__tablename__ in known else None
    if version == VERSION:
        return
    require_known(version)
    refuse_foreign(engine, known)
    bring_up_to_date(engine)


def require_known(version: int | None) -> None:
    """Raises InputError: tables of a newer version than this Assay knows."""
    if version is not None and version > VERSION:
        raise InputError(
            f"the database has tables of version {version}, and this Assay knows them up to {VERSION}; "
            "use a newer Assay, or name another database"
        )


def read_version(engine: Engine) -> int | None:
    """As it is written down; None where nothing is yet."""
    with Session(engine) as session:
        return session.scalar(select(SchemaRow.version))


def refuse_foreign(engine: Engine, names: set[str]) -> None:
    """Refuse tables of our names that were never ours.

    Raises:
        InputError: names the table and the column that it lacks.
    """
    for table in Base.metadata.sorted_tables:
        if table.name in names:
            added = {name for row, columns in ADDED.items() if row.__tablename__ == table.name for name in columns}
            there = {column["name"] for column in inspect(engine).get_columns(table.name)}
            missing = [column.name for column in table.columns if column.name not in there | added]
            if missing:
                raise InputError(
                    f"the database's table {table.name} has no column {missing[0]}: it is not Assay's, or damaged; "
                    "name another database"
                )


def bring_up_to_date(engine: Engine) -> None:
    """Add what is missing; each step may have been done, or be done at this moment, by another process."""
    attempts = len(Base.metadata.tables) + sum(map(len, ADDED.values())) + 6
    for left in reversed(range(attempts)):
        try:
            Base.metadata.create_all(engine)
            for row, names in ADDED.items():
                add_columns(engine, row, names)
            add_indexes(engine)
            fill_trials(engine)
            return write_version(engine)
        except (OperationalError, ProgrammingError, IntegrityError):
            # Each attempt can lose the race for one table; a database that is really broken loses them all.
            if not left:
                raise


def add_columns(engine: Engine, row: type[Base], names: tuple[str, ...]) -> None:
    """The columns that the table lacks, still empty."""
    table = row.__tablename__
    there = {column["name"] for column in inspect(engine).get_columns(table)}
    missing = [column for column in Base.metadata.tables[table].columns if column.name in set(names) - there]
    for column in missing:
        declared = CreateColumn(column).compile(dialect=engine.dialect)
        with engine.begin() as connection:
            connection.execute(text(f"ALTER TABLE {table} ADD COLUMN {declared}"))


def add_indexes(engine: Engine) -> None:
    """Those that a table lacks which was made before them."""
    for table in Base.metadata.sorted_tables:
        for index in table.indexes:
            index.create(engine, checkfirst=True)


def fill_trials(engine: Engine) -> None:
    """Write what older rows hold in their results into columns of its own.

    Also where the columns were there: a kill may have come between them and this.
    """
    empty = and_(*(getattr(TrialRow, name).is_(None) for name in FILLED))
    with Session(engine) as session, session.begin():
        last = 0
        while rows := session.execute(
            select(TrialRow.id, TrialRow.key, TrialRow.result)
            .where(TrialRow.id > last, empty)
            .order_by(TrialRow.id)
            .limit(CHUNK)
        ).all():
            for number, key, result in rows:
                session.execute(update(TrialRow).where(TrialRow.id == number).values(**columns_of(key, result)))
            last = rows[-1].id


def columns_of(key: str, result: Mapping[str, Any]) -> dict[str, Any]:
    """What of a trial stands in columns of its own; a number that is none is left out.

    A part of a training has no metric that could be held against those of whole ones: its value and loss are left out.
    """
    plain = {name: result.get(name) for name in FILLED if name != "data"}
    if "share" in result:
        plain |= {"value": None, "loss": None}
    kept = {name: None if isinstance(one, float) and not math.isfinite(one) else one for name, one in plain.items()}
    parts = key.split("-")
    return {**kept, "data": parts[1] if len(parts) > 1 else None}


def write_version(engine: Engine) -> None:
    """Note that the tables are those of this version."""
    with Session(engine) as session, session.begin():
        row = session.get(SchemaRow, 1)
        if row is None:
            session.add(SchemaRow(id=1, version=VERSION))
        else:
            row.version = VERSION
