"""Train/validation overlap: an example seen in training says nothing when it validates.

Single examples are compared by the hash of their bytes, so shuffled loaders and other batch sizes do not hide them.
Where augmentation does, rows of one data set are compared by their index, through subsets and wrappers.
Few coarse columns or short words may meet by chance, which is a note; how often is computed for rows of numbers, as
if the columns were independent, and read off the repeats within the training data for words and binary maps.

Source: Kapoor and Narayanan 2023, Leakage and the Reproducibility Crisis (L1.1, L1.4).
"""

from __future__ import annotations

import hashlib
import math
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import numpy as np
import torch
from scipy.stats import fisher_exact
from torch import Tensor
from torch.utils.data import Dataset, Subset

from assay.checks.given.batches import count_examples, split_batch, take_examples, tensors_in
from assay.checks.given.fixed_draws import drawn_indices
from assay.checks.given.pipeline import CannotCheckError, CheckResult, Pipeline
from assay.errors import InputError
from assay.figure import Images, encode_png
from assay.finding import Finding, Level

SOURCE = "Kapoor and Narayanan 2023, Leakage and the Reproducibility Crisis"
MOST_EXAMPLES, MOST_SECONDS = 20_000, 5.0
CHANCE_FACTOR, RARE = 3.0, 1e-3
FEW, CLEAR = 0.01, 4.0  # columns are seldom independent, so coincidences are commoner than computed
SHOWN = 12
INNER_NAMES = ("dataset", "subset", "data", "base")


def check(pipeline: Pipeline) -> CheckResult:
    """Hash examples of both loaders and look for common ones."""
    if pipeline.val_loader is None:
        raise CannotCheckError("no val_loader was given")
    train, validation = list(_hashes(pipeline.train_loader)), list(_hashes(pipeline.val_loader))
    if not train or not validation:
        raise CannotCheckError("one of the loaders is empty")
    pairs, twins = _matches(train, validation)
    evidence = {
        "overlap": len(pairs),
        "train_examples": len(train),
        "validation_examples": len(validation),
        "repeated_share_of_train": twins,
        "pairs": [{"validation": a, "train": b} for a, b in pairs[:100]],
    }
    if not pairs and (rows := shared_rows(pipeline.train_loader, pipeline.val_loader)):
        evidence |= {"overlap": len(rows), "pairs": [{"validation": a, "train": b} for a, b in rows[:100]]}
        return [_alert(pipeline, "proved", rows, len(train), len(validation), evidence)]
    if not pairs:
        text = f"None of {len(validation)} validation inputs is among {len(train)} training inputs."
        return [Finding("train_validation_overlap", "note", text, evidence, source=SOURCE)]
    expected = expected_by_chance(pipeline, len(train) * len(validation))
    level = level_of(expected, (len(pairs), len(validation)), (round(twins * len(train)), len(train)))
    if level == "note":
        text = (
            f"{len(pairs)} of {len(validation)} validation inputs are also training inputs, "
            f"but {twins:.1%} of the training inputs repeat anyway."
        )
        advice = "If equal inputs are one example (not chance), split by groups of equal inputs."
        return [Finding("train_validation_overlap", "note", text, evidence, fix=advice, source=SOURCE)]
    return [_alert(pipeline, level, pairs, len(train), len(validation), evidence)]


def _matches(
    train: list[tuple[int, bytes]], validation: list[tuple[int, bytes]]
) -> tuple[list[tuple[int, int]], float]:
    """Places of equal examples in validation and training, and the share of training examples that have a twin."""
    place = {digest: index for index, digest in reversed(train)}
    pairs = [(index, place[digest]) for index, digest in validation if digest in place]
    counts = Counter(digest for _, digest in train)
    return pairs, sum(count for count in counts.values() if count > 1) / len(train)


def level_of(expected: float | None, matched: tuple[int, int], within: tuple[int, int]) -> Level:
    """How sure it is that equal inputs are the same examples.

    Args:
        expected: equal pairs to expect by chance; None where it cannot be computed.
        matched: validation examples with an equal in training, of how many.
        within: training examples with another equal one, of how many.
    """
    share, twins = matched[0] / matched[1], within[0] / within[1]
    if expected is None:
        by_chance = share <= CHANCE_FACTOR * twins or chance_of_repeats(matched, within) > RARE
        return "note" if by_chance else "proved"
    if expected < FEW:
        return "proved"
    pooled = (matched[0] + within[0]) / (matched[1] + within[1])
    spread = math.sqrt(pooled * (1 - pooled) * (1 / matched[1] + 1 / within[1]))
    return "suspect" if spread > 0 and (share - twins) / spread > CLEAR else "note"


def chance_of_repeats(matched: tuple[int, int], within: tuple[int, int]) -> float:
    """How often so many matches come about where validation repeats training as training repeats itself.

    Fisher's exact test, one-sided: phrases of a text recur, whatever the split.
    """
    table = [[matched[0], matched[1] - matched[0]], [within[0], within[1] - within[0]]]
    return float(fisher_exact(table, alternative="greater").pvalue)  # type: ignore[attr-defined]


def expected_by_chance(pipeline: Pipeline, pairs: int) -> float | None:
    """Equal pairs to expect among `pairs`, were the columns independent; None for integers and binary maps.

        pairs * product over columns of the chance that two rows agree in it

    Pictures and sequences of measurements give 0: equal ones are copies.
    """
    batch = pipeline.examples(1024)
    parts = [t for t in tensors_in(split_batch(batch)[0]) if t.dim() and len(t) == count_examples(batch)]
    if not all(part.is_floating_point() for part in parts):
        return None
    rows = torch.cat([part.detach().cpu().double().flatten(1) for part in parts], 1)
    if any(part.dim() > 2 for part in parts):
        return None if len(torch.unique(rows)) <= 2 else 0.0
    chance = 1.0
    for columns in one_hot_blocks(rows):
        counts = torch.unique(rows[:, columns], dim=0, return_counts=True)[1].double()
        chance *= float((counts * (counts - 1)).sum()) / max(len(rows) * (len(rows) - 1), 1)
    return pairs * chance


def one_hot_blocks(rows: Tensor) -> list[list[int]]:
    """Columns that belong together: neighbours of two values each, of which at most one is high in any row."""
    blocks: list[list[int]] = []
    taken: Tensor | None = None
    for column, values in enumerate(rows.t()):
        high = values == values.max()
        binary = len(torch.unique(values)) == 2
        if binary and taken is not None and not bool((taken & high).any()):
            blocks[-1].append(column)
            taken = taken | high
        else:
            blocks.append([column])
            taken = high if binary else None
    return blocks


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
    indices = drawn_indices(loader)
    if not indices:
        return None
    try:
        split_batch(loader.dataset[indices[0]])  # type: ignore[attr-defined]
    except InputError:
        return None  # items become inputs and targets when they are put together
    return sorted(set(indices))


def shared_rows(train: Any, validation: Any) -> list[tuple[int, int]]:
    """(validation index, training index) of the same row of one data set, which augmentation hides from hashes."""
    indices = dataset_indices(train), dataset_indices(validation)
    if indices[0] is None or indices[1] is None:
        return []
    rows = {row_of(train.dataset, index): index for index in indices[0]}
    pairs = [(index, rows[row]) for index in indices[1] if (row := row_of(validation.dataset, index)) in rows]
    some = [(validation.dataset[a], train.dataset[b]) for a, b in pairs[:SHOWN]]
    return pairs if all(_digest(split_batch(a)[1]) == _digest(split_batch(b)[1]) for a, b in some) else []


def row_of(dataset: Any, index: int) -> tuple[int, int]:
    """The innermost data set and the index in it, through subsets and through wrappers of the same length."""
    for _ in range(8):
        inner = next((getattr(dataset, name) for name in INNER_NAMES if is_inner(getattr(dataset, name, None))), None)
        if inner is None:
            break
        if isinstance(dataset, Subset):
            index = int(dataset.indices[index])
        elif len(inner) != len(dataset):
            break
        dataset = inner
    return id(dataset), index


def is_inner(value: Any) -> bool:
    """Whether this may be a data set that another one wraps."""
    return isinstance(value, Dataset) and hasattr(value, "__len__") and hasattr(value, "__getitem__")


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
    pipeline: Pipeline, level: Level, pairs: list[tuple[int, int]], train: int, validation: int,
    evidence: dict[str, Any],
) -> Finding:  # fmt: skip
    first, other = pairs[0]
    return Finding(
        "train_validation_overlap",
        level,
        f"{len(pairs)} of {validation} validation inputs are among {train} training inputs; "
        f"the first is validation {first} = train {other}.",
        evidence,
        cause="The split was made after copying or oversampling, shares indices, or the data hold duplicates.",
        fix="Remove duplicates, then split, then oversample or augment; split by group where examples are related.",
        source=SOURCE,
        figures=_pictures(pipeline, pairs),
    )
