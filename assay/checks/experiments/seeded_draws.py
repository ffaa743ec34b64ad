"""Training examples drawn twice under the same seeds: what differs comes from the system's entropy or the clock.

The first question costs two draws in this process. A generator that the data set reaches by a global name would
differ too, though a new run would begin it alike, so a difference is asked again of two workers: each is forked from
the same memory and seeded alike, and only what no seed and no memory governs can tell them apart.
"""

from __future__ import annotations

from typing import Any

import torch
from torch.utils.data import DataLoader

from assay.checks.given.batches import split_batch, tensors_in
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.fixed_draws import draw, drawn_indices
from assay.checks.given.loader_reading import PATIENCE_SECONDS, Fingerprint, example_hashes
from assay.checks.given.pipeline import Pipeline

EXAMPLES = 8


def unseeded_examples(pipeline: Pipeline) -> tuple[int, int] | None:
    """How many of a few training examples differ under equal seeds, and of how many; None where it cannot be asked."""
    loader, indices = pipeline.train_loader, drawn_indices(pipeline.train_loader)
    if not isinstance(loader, DataLoader) or not indices:
        return None
    chosen = list(dict.fromkeys(indices))[:EXAMPLES]
    differing = _differing([_drawn_here(pipeline, loader, chosen) for _ in range(2)])
    if differing:
        differing = _differing([_drawn_in_worker(loader, chosen) for _ in range(2)])
    return differing, len(chosen)


def _differing(draws: list[list[bytes]]) -> int:
    return sum(a != b for a, b in zip(*draws, strict=True))


def _drawn_here(pipeline: Pipeline, loader: DataLoader[Any], indices: list[int]) -> list[bytes]:
    with pipeline.traceless():
        pipeline.seed_for("seeded_draws")
        inputs = split_batch(draw(loader, indices))[0]
        return example_hashes(inputs, len(next(tensors_in(inputs))))


def _drawn_in_worker(loader: DataLoader[Any], indices: list[int]) -> list[bytes]:
    """The same draws by a worker of its own.

    Raises:
        CannotCheckError: the worker does not start or does not answer.
    """
    asking = DataLoader(
        loader.dataset, batch_sampler=[indices], collate_fn=Fingerprint(loader.collate_fn), num_workers=1,
        worker_init_fn=loader.worker_init_fn if loader.num_workers else None, timeout=PATIENCE_SECONDS,
        multiprocessing_context=loader.multiprocessing_context if loader.num_workers else None,
        generator=torch.Generator().manual_seed(0),
    )  # fmt: skip
    try:
        (answer,) = list(asking)
    except Exception as error:  # whatever a worker of a stranger's data set dies of
        raise CannotCheckError(f"a worker could not draw examples: {type(error).__name__}: {error}") from error
    return answer
