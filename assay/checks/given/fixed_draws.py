"""The same examples drawn several times: what differs between draws is augmentation, for the data and index are fixed.

draw[k] = collate([dataset[index] for index in indices]), each k with the random state that the last one left
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any

import torch
from torch.utils.data import DataLoader

from assay.checks.given.batches import split_batch, tensors_in
from assay.checks.given.loader_reading import example_hashes
from assay.checks.given.pipeline import Pipeline

EXAMPLES = 48
MOST_INDICES = 20_000


def training_draws(pipeline: Pipeline) -> tuple[Any, Any] | None:
    """Two draws of up to 48 training examples; an experiment for `pipeline.once`."""
    return draw_twice(pipeline.train_loader)


def validation_draws(pipeline: Pipeline) -> tuple[Any, Any] | None:
    """Two draws of up to 48 validation examples; an experiment for `pipeline.once`."""
    return None if pipeline.val_loader is None else draw_twice(pipeline.val_loader)


def draw_twice(loader: Iterable[Any]) -> tuple[Any, Any] | None:
    """The same examples in two batches; None where the loader does not tell how it draws them."""
    indices = drawn_indices(loader)
    if not indices:
        return None
    distinct = list(dict.fromkeys(indices))
    chosen = distinct[:: max(len(distinct) // EXAMPLES, 1)][:EXAMPLES]
    first, second = draw(loader, chosen), draw(loader, chosen)
    sizes = [len(next(tensors_in(split_batch(batch)[0]), torch.empty(0))) for batch in (first, second)]
    return (first, second) if sizes == [len(chosen), len(chosen)] else None


def draw(loader: Any, indices: list[Any]) -> Any:
    """One batch of these examples, made as the loader makes it."""
    return loader.collate_fn([loader.dataset[index] for index in indices])


def stored_examples(loader: Iterable[Any], most: int, *, fewest: int) -> Any:
    """One batch of the first examples in the data set's own order; None where fewer than `fewest` are drawn of them."""
    indices = drawn_indices(loader)
    if not indices:
        return None
    present, first = set(indices), min(indices)
    ordered = [index for index in range(first, first + most) if index in present]
    return draw(loader, ordered) if len(ordered) >= fewest else None


def drawn_indices(loader: Iterable[Any]) -> list[int] | None:
    """What a DataLoader's sampler asks of its data set in one epoch, in order; None where it does not tell."""
    if not isinstance(loader, DataLoader) or loader.batch_sampler is None or not hasattr(loader.dataset, "__getitem__"):
        return None
    if loader._dataset_kind != 0:  # a stream has no indices
        return None
    size = getattr(loader, "batch_size", None) or 1
    batches = islice(loader.batch_sampler, max(MOST_INDICES // size, 1))
    indices = [index for batch in batches for index in batch][:MOST_INDICES]
    return indices if all(isinstance(index, int) for index in indices) else None


def are_equal(first: Any, second: Any) -> bool:
    """Whether two batches hold the same bytes."""
    trees = [list(tensors_in(tree)) for tree in (first, second)]
    if [tuple(tensor.shape) for tensor in trees[0]] != [tuple(tensor.shape) for tensor in trees[1]]:
        return False
    return all(_bytes(a) == _bytes(b) for a, b in zip(*trees, strict=True))


def _bytes(tensor: torch.Tensor) -> list[bytes]:
    return example_hashes(tensor[None], 1)
