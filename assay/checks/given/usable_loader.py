"""A loader that can be checked gives batches, and gives them anew each time; the first ones are what checks look at."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from typing import Any

import torch
from torch.utils.data import DataLoader

from assay.checks.given.batches import count_examples, map_tensors, split_batch
from assay.errors import InputError

SAMPLED_EXAMPLES, SAMPLED_BATCHES = 1024, 8


def readable_loader(loader: Any, name: str) -> Any:
    """The loader, or for torch's own a twin that shares data and sampler but no running iterator."""
    if loader is None and name == "val_loader":
        return None
    if not hasattr(loader, "__iter__") or isinstance(loader, (str, bytes)):
        raise InputError(
            f"{name} must be iterable, got {type(loader).__name__}; pass a DataLoader or a list of batches"
        )
    if hasattr(loader, "__next__"):
        raise InputError(
            f"{name} must be iterable anew, got an iterator ({type(loader).__name__}), which reading uses up; "
            "pass the loader itself"
        )
    if isinstance(loader, DataLoader):
        twin = copy.copy(loader)
        twin._iterator = None
        return twin
    return loader


def sample_batches(loader: Iterable[Any]) -> tuple[Any, ...]:
    """The first batches, up to 8 of them or 1024 examples, as copies of their own."""
    batches: list[Any] = []
    count = 0
    for batch in _told_by_name(loader, "train_loader"):
        split_batch(batch)
        if not count_examples(batch):
            raise InputError(
                f"train_loader: each batch must hold examples, got none in batch {len(batches)}; check its sampler and "
                "collate_fn"
            )
        batches.append(map_tensors(torch.clone, batch))
        count += count_examples(batch)
        if count >= SAMPLED_EXAMPLES or len(batches) >= SAMPLED_BATCHES:
            break
    if not batches:
        raise InputError("train_loader must give at least one batch, got none; check its data set and drop_last")
    if not isinstance(loader, DataLoader) and next(iter(loader), None) is None:
        raise InputError(
            f"train_loader must be iterable anew, got {type(loader).__name__}, which gave {len(batches)} batches and "
            "then none; make a new iterator in its __iter__"
        )
    return tuple(batches)


def refuse_wrong_validation(loader: Iterable[Any]) -> None:
    """Raises:
    InputError: it gives no batch, or one that cannot be taken apart.
    """
    for batch in _told_by_name(loader, "val_loader"):
        split_batch(batch, "val_loader")
        return
    raise InputError("val_loader must give at least one batch, got none; check its data set, or pass None")


def _told_by_name(loader: Iterable[Any], name: str) -> Iterator[Any]:
    """The batches; an error of the data set names the loader.

    Raises:
        InputError: from the error of a stranger's data set, sampler or collating.
    """
    iterator, number = None, 0
    while True:
        try:
            iterator = iter(loader) if iterator is None else iterator
            batch = next(iterator)
        except StopIteration:
            return
        except Exception as error:
            raise InputError(
                f"{name}: giving batch {number} it raised {type(error).__name__}: {error}; mend its data set, sampler "
                "or collate_fn"
            ) from error
        yield batch
        number += 1
