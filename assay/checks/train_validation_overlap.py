"""Train/validation overlap: an example seen in training says nothing when it validates.

Single examples are compared by the hash of their bytes, so shuffled loaders and other batch sizes do not hide them.
Inputs that repeat within the training data itself (few columns, short words) may meet by chance: a note.

Source: Kapoor and Narayanan 2023, Leakage and the Reproducibility Crisis (L1.1, L1.4).
"""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader

from assay.checks.batches import split_batch, take_examples, tensors_in
from assay.checks.pipeline import CannotCheckError, CheckResult, Pipeline
from assay.figure import Images, encode_png
from assay.finding import Finding

SOURCE = "Kapoor and Narayanan 2023, Leakage and the Reproducibility Crisis"
MOST_EXAMPLES, MOST_SECONDS = 20_000, 5.0
CHANCE_FACTOR = 3.0
SHOWN = 12


def check(pipeline: Pipeline) -> CheckResult:
    """Hash examples of both loaders and look for common ones."""
    if pipeline.val_loader is None:
        raise CannotCheckError("no val_loader was given")
    train = list(_hashes(pipeline.train_loader))
    validation = list(_hashes(pipeline.val_loader))
    if not train or not validation:
        raise CannotCheckError("one of the loaders is empty")
    place = {digest: index for index, digest in reversed(train)}
    pairs = [(index, place[digest]) for index, digest in validation if digest in place]
    counts = Counter(digest for _, digest in train)
    twins = sum(count for count in counts.values() if count > 1) / len(train)
    evidence = {
        "overlap": len(pairs),
        "train_examples": len(train),
        "validation_examples": len(validation),
        "repeated_share_of_train": twins,
        "pairs": [{"validation": a, "train": b} for a, b in pairs[:100]],
    }
    share = len(pairs) / len(validation)
    if not pairs:
        text = f"None of {len(validation)} validation inputs is among {len(train)} training inputs."
        return [Finding("train_validation_overlap", "note", text, evidence, source=SOURCE)]
    if share <= CHANCE_FACTOR * twins:
        text = (
            f"{len(pairs)} of {len(validation)} validation inputs are also training inputs, "
            f"but {twins:.1%} of the training inputs repeat anyway."
        )
        advice = "If equal inputs are one example (not chance), split by groups of equal inputs."
        return [Finding("train_validation_overlap", "note", text, evidence, fix=advice, source=SOURCE)]
    return [_alert(pipeline, pairs, len(train), len(validation), evidence)]


def _hashes(loader: Iterable[Any]) -> Iterator[tuple[int, bytes]]:
    """(index, hash) of examples: the data set's own index where the loader tells it, else the place in loader order."""
    deadline = time.monotonic() + MOST_SECONDS
    for index, inputs in islice(_examples(loader), MOST_EXAMPLES):
        yield index, _digest(inputs)
        if time.monotonic() > deadline:
            return


def _examples(loader: Iterable[Any]) -> Iterator[tuple[int, Any]]:
    indices = dataset_indices(loader)
    if indices is not None:
        for index in indices:
            yield index, split_batch(loader.dataset[index])[0]  # type: ignore[attr-defined]
        return
    seen = 0
    for batch in loader:
        inputs = split_batch(batch)[0]
        size = len(next(tensors_in(inputs)))
        for row in range(size):
            yield seen + row, take_examples((inputs, None), [row])[0]
        seen += size


def dataset_indices(loader: Iterable[Any]) -> list[int] | None:
    """Sorted indices that a DataLoader draws from its data set; None where batches must be read instead."""
    if not isinstance(loader, DataLoader) or loader.batch_sampler is None or not hasattr(loader.dataset, "__getitem__"):
        return None
    indices = [index for batch in loader.batch_sampler for index in batch]
    if not all(isinstance(index, int) for index in indices):
        return None
    return sorted(set(indices))


def _digest(inputs: Any) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    values = [inputs] if not isinstance(inputs, (Tensor, dict, tuple, list)) else list(tensors_in(inputs))
    for value in values or [inputs]:
        array = value.detach().cpu().contiguous().numpy() if isinstance(value, Tensor) else np.asarray(value)
        array = array[0] if isinstance(value, Tensor) and array.ndim and len(array) == 1 else array
        digest.update(f"{array.shape}{array.dtype}".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.digest()


def _pictures(pipeline: Pipeline, pairs: list[tuple[int, int]]) -> tuple[Images, ...]:
    loader = pipeline.val_loader
    if loader is None or dataset_indices(loader) is None:
        return ()
    shown = [(index, split_batch(loader.dataset[index])[0], other) for index, other in pairs[:SHOWN]]  # type: ignore
    if not all(isinstance(image, Tensor) and image.dim() == 3 and image.shape[0] in (1, 3) for _, image, _ in shown):
        return ()
    captions = tuple(f"validation {index} = train {other}" for index, _, other in shown)
    pngs = tuple(encode_png(torch.as_tensor(image)) for _, image, _ in shown)
    return (Images("Validation examples that are training examples", pngs, captions),)


def _alert(
    pipeline: Pipeline, pairs: list[tuple[int, int]], train: int, validation: int, evidence: dict[str, Any]
) -> Finding:
    first, other = pairs[0]
    return Finding(
        "train_validation_overlap",
        "proved",
        f"{len(pairs)} of {validation} validation inputs are among {train} training inputs; "
        f"the first is validation {first} = train {other}.",
        evidence,
        cause="The split was made after copying or oversampling, shares indices, or the data hold duplicates.",
        fix="Remove duplicates, then split, then oversample or augment; split by group where examples are related.",
        source=SOURCE,
        figures=_pictures(pipeline, pairs),
    )
