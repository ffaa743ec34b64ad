"""For an inspection: cells and rows of a table that a training would refuse are set aside, and told one and all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars

from assay.data.reading.cells import (
    LARGEST,
    Cell,
    beginning,
    cells_of,
    is_endless,
    is_missing,
    is_number_column,
    number_in,
    say_cell,
)
from assay.data.reading.stray_words import Strays, find_strays, set_aside
from assay.finding import Finding

NAMED = 20


def forgive(
    path: Path, table: polars.DataFrame, names: Sequence[str], target: str
) -> tuple[polars.DataFrame, list[int], list[Finding]]:
    """For an inspection: the table without the cells and rows that a training would refuse, the rows that are left,
    and what was wrong.

    Words among numbers become missing cells; rows without a target are left out.
    """
    strays = [found for name in names if (found := find_strays(name, cells_of(path, table, name)))]
    cells = cells_of(path, table, target)
    unusable = set(_without_target(cells))
    rows = [row for row in range(table.height) if row not in unusable]
    lost = [_say_lost(target, sorted(unusable), cells)] if unusable else []
    findings = [*lost, *(_say_strays(found, table.height) for found in strays)]
    return set_aside(table, strays)[rows], rows, findings


def _without_target(cells: Sequence[Cell]) -> list[int]:
    if not is_number_column(cells):
        return [row for row, cell in enumerate(cells) if is_missing(cell) or is_endless(cell)]
    numbers = [number_in(cell) for cell in cells]
    return [row for row, number in enumerate(numbers) if number is None or not abs(number) <= LARGEST]


def _say_lost(name: str, rows: list[int], cells: Sequence[Cell]) -> Finding:
    return Finding(
        id="rows_without_target",
        level="proved",
        summary=f"{len(rows)} of {len(cells)} rows have no usable target in column {name!r} and were left out, the "
        f"first is row {rows[0] + 1} ({say_cell(cells[rows[0]])}).",
        evidence={"count": len(rows), "n": len(cells), "rows": [f"row {row + 1}" for row in rows[:NAMED]]},
        cause="The answer was not known, or was written in another way.",
        fix="Remove these rows, or fill in the answer: a training refuses them.",
    )


def _say_strays(strays: Strays, height: int) -> Finding:
    """Words among numbers stop a training; numbers among words are categories, and may be meant."""
    rows, first = [f"row {row + 1}" for row in strays.rows[:NAMED]], strays.cells[0]
    some = "" if len(strays.rows) == 1 else "s"
    kinds = (f"word{some} among numbers", "taken for missing")
    if not strays.are_words:
        kinds = (f"number{some} among words", "taken for categories")
    return Finding(
        id="mixed_types",
        level="proved" if strays.are_words else "note",
        summary=f"Column {strays.column!r} holds {len(strays.rows)} {kinds[0]} ({len(strays.rows) / height:.1%} of "
        f"{height} rows), here {kinds[1]}; the first is {say_cell(first)} in {rows[0]}.",
        evidence={"column": strays.column, "count": len(strays.rows), "n": height, "rows": rows,
                  "cells": [beginning(str(cell)) for cell in strays.cells[:NAMED]]},
        cause="A remark, a unit, another way to write numbers, or a column that holds two things.",
        fix="Mend these cells: a training refuses them." if strays.are_words
        else "See that they are meant as names; else split the column in two.",
    )  # fmt: skip
