"""Groups of equal examples over all splits: who has exactly the same inputs as whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from assay.audit.scan import Scan


@dataclass(frozen=True)
class Member:
    """One example that has an equal: the split it is in and its position in that split's scan."""

    split: str
    position: int
    scan: Scan

    @property
    def id(self) -> str:
        return self.scan.id_of(self.position)

    @property
    def target(self) -> float | int:
        return self.scan.targets[self.position].item()

    @property
    def inputs(self) -> Tensor:
        return self.scan.split.gather(self.scan.indices[self.position : self.position + 1])[0]


@dataclass(frozen=True)
class EqualGroups:
    """Examples with equal digests, over all splits together.

    names: the splits, in order; rows of all arrays are their examples one split after the other.
    group: (rows,) number of the group each row belongs to; a row without an equal is alone in its.
    split: (rows,) position in `names`.
    """

    names: tuple[str, ...]
    scans: tuple[Scan, ...]
    group: np.ndarray
    split: np.ndarray
    offsets: tuple[int, ...]

    def member(self, row: int | np.integer) -> Member:
        number = int(self.split[row])
        return Member(self.names[number], int(row) - self.offsets[number], self.scans[number])

    @property
    def counts(self) -> np.ndarray:
        """(groups, splits) members of each group in each split."""
        table = np.zeros((int(self.group.max()) + 1, len(self.names)), dtype=np.int64)
        np.add.at(table, (self.group, self.split), 1)
        return table

    @property
    def targets(self) -> np.ndarray:
        """(rows,) the target of each example."""
        return torch.cat([scan.targets for scan in self.scans]).numpy()

    def rows_of(self, groups: np.ndarray) -> list[np.ndarray]:
        """The rows of each of these groups, in the order of `groups`."""
        order = np.argsort(self.group, kind="stable")
        starts = np.searchsorted(self.group[order], groups, side="left")
        ends = np.searchsorted(self.group[order], groups, side="right")
        return [order[start:end] for start, end in zip(starts, ends, strict=True)]


def group_equals(scans: Mapping[str, Scan]) -> EqualGroups:
    """Group the examples of all scans by their digest."""
    sizes = [len(scan) for scan in scans.values()]
    _, group = np.unique(np.concatenate([scan.digests for scan in scans.values()]), return_inverse=True)
    offsets = np.cumsum([0, *sizes[:-1]]).tolist()
    split = np.repeat(np.arange(len(sizes)), sizes)
    return EqualGroups(tuple(scans), tuple(scans.values()), group.reshape(-1), split, tuple(offsets))
