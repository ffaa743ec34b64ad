"""What several people called the same examples, with answers missing and answers given twice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int

MISSING = -1


@dataclass(frozen=True)
class Repeat:
    """One person's two answers to one example: indices into ids, annotators and classes."""

    example: int
    annotator: int
    first: int
    again: int


@dataclass(frozen=True, eq=False)
class Annotations:
    """labels[i, k]: the class that annotator k first gave to example i, or -1 where there is no answer."""

    ids: tuple[str, ...]
    annotators: tuple[str, ...]
    classes: tuple[str, ...]
    labels: Int[np.ndarray, "examples annotators"]
    repeats: tuple[Repeat, ...] = ()

    def __post_init__(self) -> None:
        wanted = (len(self.ids), len(self.annotators))
        if self.labels.shape != wanted:
            raise ValueError(f"labels must be of shape {wanted} (ids, annotators), got {self.labels.shape}")
        if self.labels.size and not MISSING <= self.labels.min() <= self.labels.max() < len(self.classes):
            raise ValueError(
                f"labels must be class indices in 0..{len(self.classes) - 1} or -1 for missing, got "
                f"{self.labels.min()}..{self.labels.max()}"
            )

    @property
    def counts(self) -> Int[np.ndarray, "examples classes"]:
        """How many annotators gave each class to each example."""
        counts = np.zeros((len(self.ids), len(self.classes)), dtype=np.int64)
        rows, columns = np.nonzero(self.labels != MISSING)
        np.add.at(counts, (rows, self.labels[rows, columns]), 1)
        return counts
