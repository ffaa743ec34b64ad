"""Worker randomness: two loader workers must not return the same augmented sample, nor the same examples of a stream.

A generator that a data set holds is copied into every worker, in one state; a worker_init_fn may seed all alike.
Every worker is asked for the same example again and again: augmentations must differ between workers. Of a stream,
each worker reads all examples unless it asks get_worker_info for its share: epochs are counted with and without.

Source: Tanelp 2021, Using PyTorch + NumPy? You're making a mistake; PyTorch documentation of IterableDataset.
"""

from __future__ import annotations

import copy
from collections import Counter
from contextlib import suppress
from typing import Any

import torch
from torch.utils.data import DataLoader, Dataset, IterableDataset

from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.fixed_draws import drawn_indices
from assay.checks.given.loader_reading import PATIENCE_SECONDS, Fingerprint, Reading, read_loader, training_passes
from assay.checks.given.pipeline import CheckResult, Pipeline
from assay.finding import Finding, Level

SOURCE = "PyTorch documentation, multi-process data loading"
WORKERS, ROUNDS, DRAWS = 2, 3, 2


class SameExample(Dataset[Any]):
    """A data set that gives one example whatever the index."""

    def __init__(self, dataset: Any, index: int) -> None:
        self.dataset, self.index = dataset, index

    def __len__(self) -> int:
        return 2**20

    def __getitem__(self, index: int) -> Any:
        return self.dataset[self.index]


def check(pipeline: Pipeline) -> CheckResult:
    """Ask two workers for the same example, or count a stream with and without workers."""
    loader = pipeline.train_loader
    if not isinstance(loader, DataLoader):
        raise CannotCheckError("the training loader is no DataLoader and has no workers")
    if isinstance(loader.dataset, IterableDataset):
        if loader.num_workers < WORKERS:
            raise CannotCheckError("a stream without several workers cannot be given twice by them")
        return [_stream_finding(loader, pipeline.once(training_passes)[0])]
    indices = drawn_indices(loader)
    if not indices:
        raise CannotCheckError("the loader does not tell how it draws an example")
    if loader.num_workers < WORKERS and not _holds_generator(loader):
        raise CannotCheckError("the loader has no two workers, and its data set holds no generator of its own")
    return [_example_finding(loader, draws_of_workers(loader, indices[0]))]


def draws_of_workers(loader: DataLoader[Any], index: int) -> list[list[bytes]]:
    """For each of two workers, the hashes of one example drawn six times.

    Raises:
        CannotCheckError: workers do not start or do not answer.
    """
    asked = [[0] * DRAWS for _ in range(WORKERS * ROUNDS)]
    asking = DataLoader(
        SameExample(loader.dataset, index), batch_sampler=asked, collate_fn=Fingerprint(loader.collate_fn),
        num_workers=WORKERS, worker_init_fn=loader.worker_init_fn, timeout=PATIENCE_SECONDS,
        multiprocessing_context=loader.multiprocessing_context if loader.num_workers else None,
    )  # fmt: skip
    iterator = iter(asking)
    try:
        answers = list(iterator)
    except Exception as error:  # whatever a worker of a stranger's data set dies of
        raise CannotCheckError(f"two workers could not read one example: {type(error).__name__}: {error}") from error
    finally:
        with suppress(AttributeError):
            iterator._shutdown_workers()  # type: ignore[attr-defined]
    return [[row for answer in answers[worker::WORKERS] for row in answer] for worker in range(WORKERS)]


def _holds_generator(loader: DataLoader[Any]) -> bool:
    """Whether the data set, or what it is made of, keeps a random generator, which workers would share."""
    waiting, seen = [loader.dataset, loader.collate_fn], 0
    while waiting and seen < 64:
        value, seen = waiting.pop(), seen + 1
        kind = f"{type(value).__module__}.{type(value).__qualname__}"
        if isinstance(value, torch.Generator) or kind.startswith(("numpy.random", "random.Random")):
            return True
        if hasattr(value, "__dict__") and not isinstance(value, (torch.Tensor, type)):
            waiting += list(vars(value).values())
        elif isinstance(value, (list, tuple)) and len(value) < 32:
            waiting += list(value)
    return False


def _example_finding(loader: DataLoader[Any], draws: list[list[bytes]]) -> Finding:
    first, second = draws
    evidence = {"workers": loader.num_workers, "draws": len(first), "different_draws": len({*first, *second})}
    if len({*first, *second}) == 1:
        text = f"{2 * len(first)} draws of one example by two workers are equal: nothing random is done to it."
        return Finding("worker_randomness", "note", text, evidence, source=SOURCE)
    if first != second:
        different = len({*first, *second})
        text = f"Two workers augment one example differently: {different} of {2 * len(first)} draws are different."
        return Finding("worker_randomness", "note", text, evidence, source=SOURCE)
    level: Level = "proved" if loader.num_workers >= WORKERS else "note"
    text = f"Two workers return the same {len(first)} augmentations of one example, one after the other"
    text += "." if level == "proved" else "; this loader has no two workers yet."
    return Finding(
        "worker_randomness",
        level,
        text,
        evidence,
        cause="A random generator held by the data set is copied into each worker in one state, "
        "or worker_init_fn seeds every worker alike.",
        fix="Seed the generator in worker_init_fn from torch.initial_seed(), or draw from torch's global generator.",
        source=SOURCE,
    )


def is_repeated(with_workers: Reading, single: Reading, workers: int) -> bool:
    """Whether each example of the stream comes once from every worker; new random ones would be distinct."""
    repeated, once = (Counter(zip(reading.inputs, reading.targets, strict=True)) for reading in (with_workers, single))
    return repeated == Counter({example: workers * count for example, count in once.items()})


def _stream_finding(loader: DataLoader[Any], with_workers: Reading) -> Finding:
    alone = copy.copy(loader)
    alone.__dict__.update(num_workers=0, prefetch_factor=None, persistent_workers=False, timeout=0)
    single = read_loader(alone)
    counts = len(with_workers.inputs), len(single.inputs)
    evidence = {"workers": loader.num_workers, "with_workers": counts[0], "without": counts[1]}
    whole = with_workers.whole and single.whole
    if whole and counts[1] > 0 and is_repeated(with_workers, single, loader.num_workers):
        return Finding(
            "worker_randomness",
            "proved",
            f"{loader.num_workers} workers give {counts[0]} examples an epoch, where the stream has {counts[1]}: "
            "each worker reads all of it.",
            evidence,
            cause="The IterableDataset does not split its work by torch.utils.data.get_worker_info().",
            fix="In __iter__ yield only every num_workers-th example, from get_worker_info().id on.",
            source=SOURCE,
        )
    text = f"An epoch has {counts[0]} examples with {loader.num_workers} workers and {counts[1]} without."
    return Finding("worker_randomness", "note", text if whole else f"Read in part: {text}", evidence, source=SOURCE)
