"""A hash of the bytes of each example that a loader draws, so shuffling and other batch sizes hide nothing.

    digest = blake2b(shape, type and bytes of each input), with the data set's own index where the loader tells it

Items are read from the data set itself where that can be done, as they may hold words or pictures and not tensors yet.
Where more of an item than its first part becomes inputs when items are put together, all of the item is hashed.

Source: Barz and Denzler 2020, Do We Train on Test Data? (duplicates across a split).
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from typing import Any

import numpy as np
from torch import Tensor

from assay.checks.given.batches import split_batch, take_examples, tensors_in
from assay.checks.given.fixed_draws import drawn_indices
from assay.errors import InputError

MOST_EXAMPLES, MOST_SECONDS = 20_000, 5.0


def digests_of(loader: Iterable[Any]) -> Iterator[tuple[int, bytes]]:
    """(index, hash) of examples: the data set's own index where the loader tells it, else the place in loader order."""
    deadline = time.monotonic() + MOST_SECONDS
    for index, inputs in islice(_examples(loader), MOST_EXAMPLES):
        yield index, digest_of(inputs)
        if time.monotonic() > deadline:
            return


def _examples(loader: Iterable[Any]) -> Iterator[tuple[int, Any]]:
    indices = dataset_indices(loader)
    if indices is not None:
        data: Any = loader.dataset  # type: ignore[attr-defined]
        inputs_of = _inputs_of_items(loader, data[indices[0]])
        for index in indices:
            yield index, inputs_of(data[index])
        return
    seen = 0
    for batch in loader:
        inputs = split_batch(batch)[0]
        size = len(next(tensors_in(inputs)))
        for row in range(size):
            yield seen + row, take_examples((inputs, None), [row])[0]
        seen += size


def _inputs_of_items(loader: Any, item: Any) -> Callable[[Any], Any]:
    """What of an item is compared: its inputs, or all of it where its first part is less than the batch's inputs."""
    first = list(tensors_in(split_batch(item)[0]))
    if isinstance(item, Sequence) and len(item) > 2 and first:
        with suppress(Exception):  # a stranger's collate_fn may need more than one item
            if len(list(tensors_in(split_batch(loader.collate_fn([item]))[0]))) > len(first):
                return lambda whole: list(whole)
    return lambda whole: split_batch(whole)[0]


def dataset_indices(loader: Iterable[Any]) -> list[int] | None:
    """Sorted indices that a DataLoader draws from its data set; None where batches must be read instead."""
    indices = drawn_indices(loader)
    if not indices:
        return None
    try:
        split_batch(loader.dataset[indices[0]])  # type: ignore[attr-defined]
    except InputError:
        return None  # items become inputs and targets when they are put together
    return sorted(set(indices))


def digest_of(inputs: Any) -> bytes:
    """Of the tensors in it, or of what it is where there are none; a batch of one counts as its example."""
    digest = hashlib.blake2b(digest_size=16)
    values = [inputs] if not isinstance(inputs, (Tensor, dict, tuple, list)) else list(tensors_in(inputs))
    for value in values or [inputs]:
        array = value.detach().cpu().contiguous().numpy() if isinstance(value, Tensor) else np.asarray(value)
        array = array[0] if isinstance(value, Tensor) and array.ndim and len(array) == 1 else array
        digest.update(f"{array.shape}{array.dtype}".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.digest()
