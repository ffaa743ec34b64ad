"""What a loader gives in an epoch: a hash of each example, its target where it is one number, and sampled examples.

A loader is read twice, as two epochs would, and the two readings are shared by every check that asks about order,
repetition or randomness. Reading is bounded in examples, seconds and bytes, so a stream without end is no trap.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from assay.checks.given.batches import count_examples, join_batches, map_tensors, split_batch, take_examples, tensors_in
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.pipeline import Pipeline

MOST_EXAMPLES, MOST_SECONDS = 8192, 1.5
PATIENCE_SECONDS = 15.0  # for a worker's answer
SAMPLED_EXAMPLES, SAMPLED_BYTES = 1024, 64 * 2**20


@dataclass(frozen=True)
class Reading:
    """One pass over a loader, in the order in which it gave its examples.

    inputs, targets: a hash each, for every example.
    values: the target of every example where that is one number or one class, else None.
    sizes: examples in each batch.
    whole: the pass came to its end within the limits.
    padded: shapes differ from batch to batch, so an example's bytes depend on its neighbours.
    not_finite: places of examples with NaN or infinity in their inputs.
    """

    inputs: tuple[bytes, ...]
    targets: tuple[bytes, ...]
    values: Tensor | None
    sizes: tuple[int, ...]
    whole: bool
    padded: bool
    not_finite: tuple[int, ...] = ()


class Fingerprint:
    """Collates as the loader does and gives hashes of the inputs instead, which workers send back cheaply."""

    def __init__(self, collate: Callable[[Any], Any]) -> None:
        self.collate = collate

    def __call__(self, items: Any) -> list[bytes]:
        inputs = split_batch(self.collate(items))[0]
        return example_hashes(inputs, len(next(tensors_in(inputs))))


def training_passes(pipeline: Pipeline) -> tuple[Reading, Reading]:
    """Two epochs of the training loader; an experiment for `pipeline.once`."""
    return read_loader(pipeline.train_loader), read_loader(pipeline.train_loader)


def validation_passes(pipeline: Pipeline) -> tuple[Reading, Reading]:
    """Two passes over the validation loader; an experiment for `pipeline.once`.

    Raises:
        CannotCheckError: there is no such loader, or it gives nothing.
    """
    if pipeline.val_loader is None:
        raise CannotCheckError("no val_loader was given")
    passes = read_loader(pipeline.val_loader), read_loader(pipeline.val_loader)
    if not passes[0].inputs:
        raise CannotCheckError("val_loader gives no batch")
    return passes


def read_loaders(pipeline: Pipeline) -> list[tuple[str, Reading]]:
    """The first pass over each loader there is, by name."""
    readings = [("training", pipeline.once(training_passes)[0])]
    with suppress(CannotCheckError):  # no validation loader
        readings.append(("validation", pipeline.once(validation_passes)[0]))
    return readings


def training_sample(pipeline: Pipeline) -> Any:
    """One batch of up to 1024 training examples; an experiment for `pipeline.once`."""
    return sample_examples(pipeline.train_loader)


def validation_sample(pipeline: Pipeline) -> Any:
    """One batch of up to 1024 validation examples; an experiment for `pipeline.once`."""
    if pipeline.val_loader is None:
        raise CannotCheckError("no val_loader was given")
    return sample_examples(pipeline.val_loader)


def read_loader(loader: Iterable[Any], most_examples: int = MOST_EXAMPLES) -> Reading:
    """Hash the examples of one pass; the time limit is looked at after each batch.

    A loader that raises after its first batch is read up to there, for what came before can still be judged.
    """
    deadline, whole = time.monotonic() + MOST_SECONDS, True
    inputs: list[bytes] = []
    targets: list[bytes] = []
    values: list[Tensor | None] = []
    sizes: list[int] = []
    bad: list[int] = []
    shapes = set()
    for batch in _until_it_raises(loader):
        if batch is None or len(inputs) >= most_examples or (inputs and time.monotonic() > deadline):
            whole = False
            break
        given, wanted = split_batch(batch)
        size = count_examples(batch)
        bad += [len(inputs) + row for row in not_finite(given, size)]
        inputs += example_hashes(given, size)
        targets += example_hashes(wanted, size)
        values.append(single_values(wanted, size))
        sizes.append(size)
        shapes.add(tuple(tuple(tensor.shape[1:]) for tensor in tensors_in(given)))
    joined = torch.cat([v for v in values if v is not None]) if values and all(v is not None for v in values) else None
    return Reading(tuple(inputs), tuple(targets), joined, tuple(sizes), whole, len(shapes) > 1, tuple(bad))


def _until_it_raises(loader: Iterable[Any]) -> Iterator[Any]:
    """The batches, and None in place of an error after the first one."""
    iterator, given = iter(loader), 0
    while True:
        try:
            batch = next(iterator)
        except StopIteration:
            return
        except Exception:  # a stranger's data set may raise anything
            if not given:
                raise
            yield None
            return
        given += 1
        yield batch


def not_finite(tree: Any, size: int) -> list[int]:
    """Rows with NaN or infinity; a tensor of nothing but 0 and -infinity is a mask that is added to scores."""
    rows = torch.zeros(size, dtype=torch.bool)
    for tensor in _with_rows(tree, size):
        finite = torch.isfinite(tensor.detach()).cpu()
        if bool(finite.all()) or bool(((tensor == 0) | (tensor == -torch.inf)).all()):
            continue
        rows |= ~finite.reshape(size, -1).all(1)
    return rows.nonzero().flatten().tolist()


def example_hashes(tree: Any, size: int) -> list[bytes]:
    """A hash for each row of the tensors with `size` rows; equal rows have equal hashes."""
    digests = [hashlib.blake2b(digest_size=16) for _ in range(size)]
    for tensor in _with_rows(tree, size):
        rows = tensor.detach().cpu().reshape(size, -1).contiguous()
        rows = torch.view_as_real(rows) if rows.is_complex() else rows
        for digest, row in zip(digests, rows.view(torch.uint8).reshape(size, -1).numpy(), strict=True):
            digest.update(row.tobytes())
    return [digest.digest() for digest in digests]


def single_values(targets: Any, size: int) -> Tensor | None:
    """The number of each example: its class, the likeliest class of a distribution, or its real value."""
    if not isinstance(targets, Tensor) or targets.dim() == 0 or len(targets) != size or targets.is_complex():
        return None
    rows = targets.detach().cpu().double().reshape(size, -1)
    if rows.shape[1] == 1:
        return rows[:, 0]
    is_distribution = targets.is_floating_point() and targets.dim() == 2 and bool((rows >= 0).all())
    if is_distribution and bool(((rows.sum(1) - 1).abs() < 1e-3).all()):
        return rows.argmax(1).double()
    return None


def sample_examples(loader: Iterable[Any], most: int = SAMPLED_EXAMPLES) -> Any:
    """The first examples as one batch, within 64 MiB.

    Raises:
        CannotCheckError: the loader is empty, or its batches are padded to different shapes.
    """
    batches, count = [], 0
    for batch in _within_bytes(loader):
        batches.append(map_tensors(torch.clone, batch))  # a pair, whatever the loader gives
        count += count_examples(batch)
        if count >= most:
            break
    if not batches:
        raise CannotCheckError("the loader gives no batch")
    if len({tuple(tuple(tensor.shape[1:]) for tensor in tensors_in(pair)) for pair in batches}) > 1:
        raise CannotCheckError("batches are padded to different shapes")
    joined = join_batches(batches)
    return take_examples(joined, range(min(most, count_examples(joined))))


def _within_bytes(loader: Iterable[Any]) -> Iterator[Any]:
    held, deadline = 0, time.monotonic() + MOST_SECONDS
    for batch in loader:
        pair = split_batch(batch)
        held += sum(tensor.nbytes for tensor in tensors_in(pair))
        yield pair
        if held > SAMPLED_BYTES or time.monotonic() > deadline:
            return


def _with_rows(tree: Any, size: int) -> list[Tensor]:
    return [tensor for tensor in tensors_in(tree) if tensor.dim() > 0 and len(tensor) == size]
