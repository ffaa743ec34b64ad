"""Train/validation overlap: an example seen in training says nothing when it validates.

Single examples are compared by the hash of their bytes, so shuffled loaders and other batch sizes do not hide them.
Where augmentation does, rows of one data set are compared by their index, through subsets and wrappers.
Few coarse columns or short words may meet by chance, which is a note; how often is computed for rows of numbers, as
if the columns were independent, and read off the repeats within the training data for words and binary maps.

Source: Kapoor and Narayanan 2023, Leakage and the Reproducibility Crisis (L1.1, L1.4).
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import torch
from torch import Tensor

from assay.checks.experiments.chance_of_equals import expected_by_chance, level_of
from assay.checks.experiments.example_digests import dataset_indices, digests_of
from assay.checks.experiments.shared_rows import shared_rows
from assay.checks.given.batches import split_batch
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.pipeline import CheckResult, Pipeline
from assay.figure import Images, encode_png
from assay.finding import Finding, Level

SOURCE = "Kapoor and Narayanan 2023, Leakage and the Reproducibility Crisis"
SHOWN = 12


def check(pipeline: Pipeline) -> CheckResult:
    """Hash examples of both loaders and look for common ones."""
    if pipeline.val_loader is None:
        raise CannotCheckError("no val_loader was given")
    train, validation = list(digests_of(pipeline.train_loader)), list(digests_of(pipeline.val_loader))
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
