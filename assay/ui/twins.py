"""Groups of examples that are the same or nearly so, those that matter most first, and what to do with each member.

A copy in another split lets a model answer the test by heart; copies that are labelled otherwise cannot both be right.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from assay.ui.features import shown
from assay.ui.subject import Subject

if TYPE_CHECKING:
    import polars as pl

Kind = Literal["equal", "nearly equal"]
COLUMNS: dict[str, Kind] = {"duplicate_group": "equal", "near_group": "nearly equal"}
KEPT_FIRST = ("test", "validation", "train")
"""A copy is kept where it judges: a test set stays the one that others measured on."""


@dataclass(frozen=True)
class Twins:
    """One group: the rows of its members with their splits and labels."""

    kind: Kind
    rows: tuple[int, ...]
    splits: tuple[str, ...]
    labels: tuple[str, ...]

    @property
    def is_across(self) -> bool:
        """Whether its members lie in several splits."""
        return len(set(self.splits)) > 1

    @property
    def is_torn(self) -> bool:
        """Whether its members are labelled differently."""
        return len(set(self.labels)) > 1

    @property
    def kept(self) -> int | None:
        """The row to keep of all; none is proposed where a person must first say which label is right."""
        if self.is_torn:
            return None
        return min(zip(self.rows, self.splits, strict=True), key=lambda one: KEPT_FIRST.index(one[1]))[0]

    def action(self, row: int) -> Literal["keep", "drop"] | None:
        """What is proposed for a member."""
        return None if self.kept is None else "keep" if row == self.kept else "drop"

    @property
    def sentence(self) -> str:
        """What is wrong with it, and what is proposed."""
        if self.is_torn:
            return f"They are {self.kind}, yet labelled differently: give each the label that is right, or drop it."
        if self.is_across:
            home = self.splits[self.rows.index(self.kept)] if self.kept is not None else ""
            others = "the copy" if len(self.rows) == 2 else "the copies"
            return (f"They are {self.kind} and lie in {' and '.join(sorted(set(self.splits)))}: a model can know the "
                    f"answer by heart. Proposed: keep the one in {home}, drop {others}.")  # fmt: skip
        return f"They are {self.kind}: each copy makes this example weigh more. Proposed: keep the first."


@dataclass(frozen=True, eq=False)
class AllTwins:
    """The groups of one subject."""

    subject: Subject

    @cached_property
    def groups(self) -> tuple[Twins, ...]:
        """Across splits first, then those labelled differently, then the largest."""
        found = dict[tuple[int, ...], Twins]()
        for column, kind in COLUMNS.items():
            for twins in groups_in(self.subject.table, column, kind):
                found.setdefault(twins.rows, twins)
        return tuple(sorted(found.values(), key=lambda one: (not one.is_across, not one.is_torn, -len(one.rows))))

    def chosen(self, which: str) -> tuple[Twins, ...]:
        """All groups, those across splits, those labelled differently, or the equal ones alone."""
        tests = {"across": lambda one: one.is_across, "torn": lambda one: one.is_torn,
                 "equal": lambda one: one.kind == "equal"}  # fmt: skip
        return tuple(filter(tests[which], self.groups)) if which in tests else self.groups


def groups_in(table: pl.DataFrame, column: str, kind: Kind) -> list[Twins]:
    """The groups that a column numbers, those of one row left out."""
    import polars as pl

    if column not in table.columns:
        return []
    grouped = table.filter(pl.col(column).is_not_null()).group_by(column, maintain_order=True)
    rows = grouped.agg("row", "split", "label").filter(pl.col("row").list.len() > 1)
    return [
        Twins(kind, tuple(row["row"]), tuple(row["split"]), tuple(map(shown, row["label"])))
        for row in rows.iter_rows(named=True)
    ]
