"""Epochs one by one: what the three measures of training dynamics have in common.

Each takes the probabilities of one epoch at a time, from a list, an array or a generator, so that a training need
not keep (epochs, n, classes) numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from assay.audit.labels.given import check_labels, check_probabilities
from assay.errors import InputError


def each_epoch(epochs: Iterable[np.ndarray], labels: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Checked probabilities (n, classes) of every epoch, with the labels as class indices.

    Raises:
        InputError: there is no epoch, an epoch's rows are not probabilities, or its shape is another.
    """
    shape: tuple[int, ...] | None = None
    for number, values in enumerate(epochs):
        values = np.asarray(values)
        _, classes = check_probabilities({f"epoch {number}": values})
        checked = check_labels(labels, classes)
        shape = shape or (len(checked), classes)
        if values.shape != shape:
            raise InputError(f"epochs must all have shape {shape}, one row a label, got {values.shape} at {number}")
        yield values, checked
    if shape is None:
        raise InputError("epochs must hold the probabilities of at least one epoch, got none")
