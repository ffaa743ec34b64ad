"""What a page is about, as far as it is known: the data, a table with a row for every example, and findings.

A row's number names its example everywhere on the page; the splits stand in the table one after the other.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

from assay.audit.counts import splits_of
from assay.audit.decisions import label_now
from assay.data.data import Data
from assay.data.split import Split
from assay.finding import Report
from assay.ui.not_there import NotThereError

if TYPE_CHECKING:
    import polars as pl

    from assay.audit.decisions.decision import Label


@dataclass(frozen=True, eq=False)
class Subject:
    """One moment of what is known; a later one takes its place.

    table: a row for each example of the data, whose column `row` is its number; what is not known is empty.
    features: the input columns of a table, as the user calls them. texts, others: its columns that are no input, the
        running texts and the rest.
    report: findings of the audit, once it is made. folder: of the run, where it is about one.
    """

    data: Data
    table: pl.DataFrame
    report: Report | None = None
    folder: Path | None = None
    version: int = 0
    features: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.table)

    @cached_property
    def ends(self) -> tuple[int, ...]:
        """The row after the last one of each split."""
        return tuple(accumulate(map(len, splits_of(self.data).values())))

    @cached_property
    def row_of(self) -> dict[str, int]:
        """The row of each id; of those that have one id in common, the first."""
        return {id: row for row, id in reversed(list(enumerate(self.table["id"].to_list())))}

    @cached_property
    def key(self) -> str:
        """16 hex digits that tell this data from another: classes, ids, labels and splits, and inputs in memory.

        Files are not read for it: where they are only changed, the page shows the same examples.
        """
        splits = splits_of(self.data).values()
        parts = [repr((self.data.name, self.data.specification.classes))]
        if all(split.in_memory for split in splits):
            parts.append(self.data.fingerprint)
        else:
            parts += (repr((split.ids, split.targets.tolist())) for split in splits)
        return hashlib.blake2b("".join(parts).encode(errors="surrogatepass"), digest_size=8).hexdigest()

    @cached_property
    def searched(self) -> tuple[str, ...]:
        """Columns whose words a search looks for."""
        told = [name for name in self.features if str(self.table.schema[name]) == "String"]
        return ("id", "label", *self.texts, *self.others, *told)

    def place(self, row: int) -> tuple[str, int]:
        """The split of a row, and its position there.

        Raises:
            NotThereError: there is no such row.
        """
        if not 0 <= row < len(self):
            raise NotThereError(
                f"row must be from 0 to {len(self) - 1}, got {row}; reload the page, as the data may be another"
            )
        number = bisect_right(self.ends, row)
        name = tuple(splits_of(self.data))[number]
        return name, row - (self.ends[number - 1] if number else 0)

    def split(self, row: int) -> tuple[Split, int]:
        """The split itself, and the position of the row there."""
        name, position = self.place(row)
        return getattr(self.data, name), position

    def label(self, row: int) -> Label:
        """What the data calls it."""
        return label_now(self.data, *self.place(row))

    def id(self, row: int) -> str:
        split, position = self.split(row)
        return split.ids[position]
