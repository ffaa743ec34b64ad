"""The image files of all splits, one after the other, with what each says of itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from assay.audit.counts import splits_of
from assay.data.data import Data
from assay.data.reading.headers import Header

NAMED = 20


@dataclass(frozen=True, eq=False)
class Listing:
    """All files that examples were read from; rows of one file stand at one place everywhere.

    targets: (n,) class of each.
    splits: (n,) name of its split.
    """

    root: Path
    ids: tuple[str, ...]
    headers: tuple[Header, ...]
    targets: np.ndarray
    splits: np.ndarray

    def __len__(self) -> int:
        return len(self.ids)

    def values(self, ask: Callable[[Header], Any]) -> np.ndarray:
        """(n,) what is asked of each header."""
        return np.array([ask(header) for header in self.headers])

    def where(self, holds: Callable[[Header], bool]) -> list[int]:
        """Places of the files of which it holds."""
        return [place for place, header in enumerate(self.headers) if holds(header)]

    def name(self, places: list[int]) -> list[str]:
        """Ids at the first of these places, as many as evidence holds."""
        return [self.ids[place] for place in places[:NAMED]]


def list_files(data: Data) -> Listing | None:
    """Nothing where examples were not read from files that have headers."""
    if data.headers is None:
        return None
    known = data.headers.by_id
    parts = [(name, split, [i for i, one in enumerate(split.ids) if one in known])
             for name, split in splits_of(data).items()]  # fmt: skip
    ids = tuple(split.ids[place] for _, split, places in parts for place in places)
    if not ids:
        return None
    return Listing(
        Path(data.headers.root),
        ids,
        tuple(known[one] for one in ids),
        np.concatenate([split.targets[places].numpy() for _, split, places in parts]),
        np.repeat([name for name, _, _ in parts], [len(places) for _, _, places in parts]),
    )
