"""Feeding a training: the order of an epoch, and raw batches from memory or from files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import torch
from jaxtyping import Int
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from assay.data.decoding_process import end_with_parent
from assay.data.split import LazyInputs, Split
from assay.errors import InputError
from assay.randomness import generator_for


def order_for_epoch(n: int, seed: int, epoch: int) -> Int[Tensor, " n"]:
    """A permutation of 0..n-1 that depends on the seed and the epoch alone."""
    return torch.randperm(n, generator=generator_for(seed, "order", epoch))


def raw_batches(split: Split, batches_of_indices: Iterable[Tensor], *, workers: int = 0) -> Iterator[Tensor]:
    """Raw inputs of each batch of indices, in order.

    Inputs in memory are gathered; lazy inputs are decoded by `workers` processes (0: here). The
    number of workers changes the speed and nothing else.

    Raises:
        InputError: a file could not be decoded, here or in a worker; names the file.
    """
    if isinstance(split.inputs, Tensor):
        for indices in batches_of_indices:
            yield split.inputs.index_select(0, indices.to(split.inputs.device, non_blocking=True))
        return
    loader = DataLoader(
        _Decoded(split.inputs),
        batch_sampler=(indices.tolist() for indices in batches_of_indices),  # pyright: ignore[reportArgumentType]
        num_workers=workers,
        collate_fn=_stack,
        worker_init_fn=end_with_parent,
        # The loader draws a seed for its workers; without a generator of its own it would take it
        # from torch's global state and so change every later draw.
        generator=generator_for(0, "loader"),
    )
    for batch in loader:
        if isinstance(batch, InputError):
            raise batch
        yield batch


class _Decoded(Dataset[Tensor | InputError]):
    """Hands bad input over as a value: an exception would come out of a worker as a long traceback."""

    def __init__(self, inputs: LazyInputs) -> None:
        self.inputs = inputs

    def __len__(self) -> int:
        return len(self.inputs)

    def __getitem__(self, index: int) -> Tensor | InputError:
        try:
            return self.inputs[index]
        except InputError as error:
            return InputError(str(error))


def _stack(items: list[Tensor | InputError]) -> Tensor | InputError:
    for item in items:
        if isinstance(item, InputError):
            return item
    return torch.stack([item for item in items if isinstance(item, Tensor)])
