"""Duplicate examples: how many training inputs of an epoch are equal, byte for byte.

Copies are often wanted (oversampling, few categories, a small set repeated) and are told only. Two things are proved:
a sampler that visits a few of many examples again and again, and a data set of measurements whose every index gives
one of a few inputs, under labels that contradict each other. A third is suspect: every example of the data set occurs
the same number of times (chance and oversampling do not do that), nothing varies them, and what is left is less than
the validation set, which does not repeat itself.

Source: Barz and Denzler 2020, Do We Train on Test Data? (duplicates); Lee et al. 2022 (deduplication).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from contextlib import suppress
from typing import Any

import torch
from torch import Tensor

from assay.checks.given.batches import split_batch, tensors_in
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.fixed_draws import drawn_indices
from assay.checks.given.loader_reading import Reading, training_passes, validation_passes
from assay.checks.given.pipeline import CheckResult, Pipeline
from assay.finding import Finding

SOURCE = "Lee et al. 2022, Deduplicating Training Data"
FEW = 0.05
FEWEST = 64
FEWEST_BATCHES = 4
FEWEST_VALUES = 8  # of one input, for it to be a measurement that is not met twice by chance


def check(pipeline: Pipeline) -> CheckResult:
    """Count equal inputs in an epoch, and ask the sampler which examples it draws."""
    reading = pipeline.once(training_passes)[0]
    count = len(reading.inputs)
    if count < 2:
        raise CannotCheckError("needs at least 2 examples")
    if len(reading.not_finite) == count:
        raise CannotCheckError("no input is finite, and NaN tells no example from another; see inputs_finite")
    counts = Counter(reading.inputs)
    evidence = {
        "examples": count,
        "distinct": len(counts),
        "largest_group": counts.most_common(1)[0][1],
        "whole_epoch": reading.whole,
    }
    indices = drawn_indices(pipeline.train_loader)
    if indices is not None and (fault := stuck_sampler(pipeline.train_loader, indices)):
        return [_alert(fault, evidence, "The sampler draws few of the examples.", "Give it all indices of the set.")]
    if indices is not None and _is_stuck_data(pipeline, reading, indices, counts):
        text = f"{len(set(indices))} different indices give only {len(counts)} different inputs, whose labels differ."
        cause = "__getitem__ does not use its index for the inputs, or one buffer is overwritten and returned again."
        return [_alert(text, evidence, cause, "Index the inputs as the labels are; return a copy of a buffer.")]
    if indices is not None and (checked := repeated_whole(pipeline, reading, indices)):
        return [_repeated(count, evidence, checked)]
    return [_note(count, counts, evidence)]


def repeated_whole(pipeline: Pipeline, reading: Reading, indices: list[int]) -> int:
    """Different validation examples, if different indices give fewer training examples, all equally often; else 0."""
    pairs = Counter(zip(reading.inputs, reading.targets, strict=True))
    left_out = len(pipeline.train_loader.dataset) - len(reading.inputs)  # type: ignore[attr-defined]
    is_complete = reading.whole and not reading.padded and len(indices) == len(set(indices)) == len(reading.inputs)
    least, most = min(pairs.values()), max(pairs.values())
    if not is_complete or len(reading.inputs) < FEWEST or least < 2 or most - least > 1 + left_out:
        return 0
    with suppress(CannotCheckError):  # no validation loader
        checked = pipeline.once(validation_passes)[0]
        different = len(set(checked.inputs))
        if 0.9 * len(checked.inputs) < different > len(pairs):
            return different
    return 0


def stuck_sampler(loader: Any, indices: list[int]) -> str:
    """What is wrong when few examples of many are drawn again and again; else empty."""
    try:
        size = len(loader.dataset)
    except (TypeError, NotImplementedError):
        return ""
    distinct = len(set(indices))
    if size < FEWEST or len(indices) < FEWEST or distinct > FEW * size or len(indices) < distinct / FEW:
        return ""
    return f"An epoch draws {len(indices)} examples, but only {distinct} different ones of {size} in the data set."


def _is_stuck_data(pipeline: Pipeline, reading: Reading, indices: list[int], counts: Counter[bytes]) -> bool:
    distinct = len(set(indices))
    if distinct < FEWEST or len(counts) > FEW * min(len(reading.inputs), distinct) or reading.padded:
        return False
    batches = [list(tensors_in(split_batch(batch)[0])) for batch in pipeline.batches]
    if not all(_is_measurement(tensor) for tensor in batches[0]) and not _is_one_row_a_batch(batches):
        return False
    return labels_contradict(reading)


def labels_contradict(reading: Reading) -> bool:
    """Whether nearly all groups of equal inputs bear several targets, as if these were drawn at random."""
    groups: defaultdict[bytes, set[bytes]] = defaultdict(set)
    for given, wanted in zip(reading.inputs, reading.targets, strict=True):
        groups[given].add(wanted)
    return sum(len(targets) > 1 for targets in groups.values()) >= 0.9 * len(groups)


def _is_measurement(tensor: Tensor) -> bool:
    if not tensor.is_floating_point() or tensor.dim() < 2 or len(tensor) == 0:
        return False
    return len(torch.unique(tensor[0])) >= FEWEST_VALUES


def _is_one_row_a_batch(batches: list[list[Tensor]]) -> bool:
    """Whether all rows of each batch are the same numbers, and of no two batches: no shuffled order does that."""
    tensors = [tensor for batch in batches for tensor in batch]
    if len(batches) < FEWEST_BATCHES or not all(t.is_floating_point() and t.dim() > 1 and len(t) > 1 for t in tensors):
        return False
    firsts = {tuple(tensor[0].flatten().tolist()) for tensor, *_ in batches}
    return len(firsts) == len(batches) and all(bool((tensor == tensor[:1]).all()) for tensor in tensors)


def _alert(text: str, evidence: dict[str, Any], cause: str, fix: str) -> Finding:
    return Finding("duplicate_examples", "proved", text, evidence, cause, fix, SOURCE)


def _repeated(count: int, evidence: dict[str, Any], checked: int) -> Finding:
    return Finding(
        "duplicate_examples",
        "suspect",
        f"{count} different indices give only {evidence['distinct']} different examples, all equally often and "
        f"unchanged, while validation has {checked} different ones.",
        {**evidence, "validation_distinct": checked},
        cause="The index is taken modulo a wrong length, or a part of the data set was repeated in place of the rest.",
        fix="Index the whole data set; to see a small one more often, train for more epochs.",
        source=SOURCE,
    )


def _note(count: int, counts: Counter[bytes], evidence: dict[str, Any]) -> Finding:
    copies = count - len(counts)
    text = f"{copies} of {count} training inputs repeat another one ({copies / count:.1%})."
    advice = "If these are copies and not chance, remove them, and split only then." if copies else ""
    return Finding("duplicate_examples", "note", text, evidence, fix=advice, source=SOURCE)
