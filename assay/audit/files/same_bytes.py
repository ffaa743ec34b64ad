"""Equal pictures: which of them are one file copied, and which were saved anew.

The ladder of likeness: equal bytes, equal pixels, nearly equal pixels. Equal bytes decode to equal pixels, so only
files whose pixels have an equal need to be read.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from assay.data.reading.headers import Headers
from assay.data.sources.printable import path_of
from assay.finding import Finding

if TYPE_CHECKING:
    import polars as pl

MOST_FILES = 5_000
CHUNK_BYTES = 1 << 20


def group_same_bytes(table: pl.DataFrame, headers: Headers) -> np.ndarray:
    """(rows,) number of the group of files that are equal byte for byte; -1 for one that is alone in its.

    Args:
        table: with `id` and `duplicate_group`; of rows in such groups the first 5,000 are read.
    """
    group = np.full(len(table), -1, dtype=np.int64)
    rows = np.flatnonzero(table["duplicate_group"].is_not_null().to_numpy())[:MOST_FILES]
    ids, members = table["id"].gather(rows.tolist()).to_list(), dict[bytes, list[int]]()
    for row, name in zip(rows.tolist(), ids, strict=True):
        if name in headers.by_id and (digest := _digest(Path(headers.root, path_of(name)))):
            members.setdefault(digest, []).append(row)
    for number, same in enumerate(rows for rows in members.values() if len(rows) > 1):
        group[same] = number
    return group


def tell_same_bytes(table: pl.DataFrame) -> list[Finding]:
    """A note: of the files with equal pixels, how many are copies and how many were saved anew.

    Args:
        table: with `duplicate_group` and `same_bytes_group`.
    """
    import polars as pl

    equal = table.filter(pl.col("duplicate_group").is_not_null())
    if not len(equal):
        return []
    copies = int(equal["same_bytes_group"].is_not_null().sum())
    anew = equal.filter(pl.col("same_bytes_group").is_null())["id"].to_list()
    such = f", such as {anew[0]}" if anew else ""
    capped = f" (the first {MOST_FILES:,} were read)" if len(equal) > MOST_FILES else ""
    return [
        Finding(
            "same_bytes",
            "note",
            f"Of {len(equal):,} files whose pixels have an equal, {copies:,} have an equal byte for byte; "
            f"{len(anew):,} were saved anew{such}{capped}.",
            evidence={"equal_pixels": len(equal), "equal_bytes": copies, "saved_anew": len(anew), "ids": anew[:20]},
            fix="Find copies by their bytes where they enter; those that were saved anew need a look at the pixels."
            if anew
            else "",
            source="the digests of the files",
        )
    ]


def _digest(path: Path) -> bytes | None:
    """Of all bytes, a piece at a time; nothing for a file that is gone."""
    digest = hashlib.blake2b(digest_size=16)
    try:
        with path.open("rb") as file:
            while piece := file.read(CHUNK_BYTES):
                digest.update(piece)
    except OSError:
        return None
    return digest.digest()
