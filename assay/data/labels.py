"""From the labels a source holds to class indices."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

MOST_CLASSES_OF_NUMBERS = 20
"""A column of numbers with more distinct values than this is a quantity, not a set of classes."""


def encode_labels(labels: Sequence[str] | Sequence[int]) -> tuple[tuple[str, ...], Tensor]:
    """Class names in sorted order (numbers by value, words by letter) and each example's index."""
    ordered = sorted(set(labels))
    index = {label: position for position, label in enumerate(ordered)}
    return tuple(str(label) for label in ordered), torch.tensor([index[label] for label in labels], dtype=torch.int64)


def looks_continuous(values: Sequence[float]) -> bool:
    """Whether numbers are a quantity to predict: any is not whole, or there are more than 20 values."""
    distinct = set(values)
    return len(distinct) > MOST_CLASSES_OF_NUMBERS or any(value != int(value) for value in distinct)
