"""The same row of one data set in both loaders, which augmentation hides from any comparison of values.

    row = (the innermost data set, the index in it), through subsets and through wrappers of the same length

Source: Kapoor and Narayanan 2023, Leakage and the Reproducibility Crisis (L1.1).
"""

from __future__ import annotations

from typing import Any

from torch.utils.data import Dataset, Subset

from assay.checks.experiments.example_digests import dataset_indices, digest_of
from assay.checks.given.batches import split_batch

INNER_NAMES = ("dataset", "subset", "data", "base")
COMPARED = 12


def shared_rows(train: Any, validation: Any) -> list[tuple[int, int]]:
    """(validation index, training index) of the same row of one data set, which augmentation hides from hashes."""
    indices = dataset_indices(train), dataset_indices(validation)
    if indices[0] is None or indices[1] is None:
        return []
    rows = {row_of(train.dataset, index): index for index in indices[0]}
    pairs = [(index, rows[row]) for index in indices[1] if (row := row_of(validation.dataset, index)) in rows]
    some = [(validation.dataset[a], train.dataset[b]) for a, b in pairs[:COMPARED]]
    return pairs if all(digest_of(split_batch(a)[1]) == digest_of(split_batch(b)[1]) for a, b in some) else []


def row_of(dataset: Any, index: int) -> tuple[int, int]:
    """The innermost data set and the index in it, through subsets and through wrappers of the same length."""
    for _ in range(8):
        inner = next((getattr(dataset, name) for name in INNER_NAMES if is_inner(getattr(dataset, name, None))), None)
        if inner is None:
            break
        if isinstance(dataset, Subset):
            index = int(dataset.indices[index])
        elif len(inner) != len(dataset):
            break
        dataset = inner
    return id(dataset), index


def is_inner(value: Any) -> bool:
    """Whether this may be a data set that another one wraps."""
    return isinstance(value, Dataset) and hasattr(value, "__len__") and hasattr(value, "__getitem__")
