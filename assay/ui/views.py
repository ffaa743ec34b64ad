"""Which examples to show, in which order: a condition, words to search for, and a column to sort by."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from assay.errors import InputError
from assay.ui.journal import Standing
from assay.ui.subject import Subject
from assay.ui.where import rows_where

if TYPE_CHECKING:
    import polars as pl

KEPT = 16
DECIDED = ("decision", "decided_label", "reviewers")


@dataclass(frozen=True)
class Wish:
    """What to show. where: a condition in SQL. words: each in a column that is searched. sort: a column."""

    where: str = ""
    words: str = ""
    sort: str = ""
    descending: bool = False


@dataclass(eq=False)
class Views:
    """Rows that fulfil a wish; the last few are kept, as a page that scrolls asks for one again and again."""

    _kept: OrderedDict[tuple[object, ...], np.ndarray] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def rows(self, subject: Subject, standing: Standing, wish: Wish, moment: int | None = None) -> np.ndarray:
        """Row numbers in the order wished for.

        Args:
            moment: a version of the decisions, whose rows are given while they are kept: what one decides
                does not vanish under one's hands.
        Raises:
            InputError: the condition is none, or there is no such column to sort by.
        """
        # A page of an earlier server may ask for a moment that is yet to come.
        key = (subject.version, standing.version if moment is None else min(moment, standing.version), wish)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        found = choose_rows(with_decisions(subject, standing), wish, subject.searched)
        with self._lock:
            self._kept[key] = found
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return found


def choose_rows(table: pl.DataFrame, wish: Wish, searched: Sequence[str] = ("id", "label")) -> np.ndarray:
    """Row numbers of the examples that fulfil a wish, ordered by its column, empty values last.

    Args:
        searched: columns that words are looked for in.
    """
    import polars as pl

    if wish.where.strip():
        table = rows_where(table, wish.where)
    for word in wish.words.lower().split():
        table = table.filter(pl.any_horizontal(
            pl.col(name).cast(pl.String).str.to_lowercase().str.contains(word, literal=True) for name in searched
        ))  # fmt: skip
    if wish.sort:
        if wish.sort not in table.columns:
            raise InputError(f"sort must be a column, got {wish.sort!r}; one of {', '.join(table.columns)}")
        # What is not a number sorts as if it were not there: above all numbers it would hide the largest.
        column = pl.col(wish.sort)
        column = column.fill_nan(None) if table.schema[wish.sort].is_float() else column
        table = table.sort(column, descending=wish.descending, nulls_last=True, maintain_order=True)
    return table["row"].to_numpy()


def decision_cells(standing: Standing, id: str) -> dict[str, str | None]:
    """What the columns of decisions say of one example; nothing where nobody decided."""
    verdict, words = standing.state.verdict(id), standing.words(id)
    if not verdict:
        return {}
    label = None if verdict == "conflict" else standing.state.opinions(id)[0].label
    return dict(zip(DECIDED, (verdict, None if label is None else str(label), ", ".join(sorted(words))), strict=True))


def with_decisions(subject: Subject, standing: Standing) -> pl.DataFrame:
    """The table with what was decided: `decision` (`conflict` where reviewers differ), `decided_label`, `reviewers`."""
    import polars as pl

    rows = [{"id": id, **decision_cells(standing, id)} for id in standing.state.standing]
    decided = pl.DataFrame(rows, schema=dict.fromkeys(("id", *DECIDED), pl.String))
    taken = [name for name in DECIDED if name in subject.table.columns]
    return subject.table.drop(taken).join(decided, on="id", how="left", maintain_order="left")
