"""Are equal inputs the same examples, or do they meet by chance?

    expected = pairs * product over columns of the chance that two rows agree in it

Computed for rows of numbers as if the columns were independent, which they seldom are, so coincidences are commoner
than computed; read off the repeats within the training data for words and binary maps, and for what follows from them,
as the degrees of a graph's nodes from its edges.

Source: Fisher 1935 (the exact test); Kapoor and Narayanan 2023, L1.4 (duplicates across a split).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from assay.checks.given.batches import count_examples, split_batch, tensors_in
from assay.checks.given.pipeline import Pipeline
from assay.finding import Level

CHANCE_FACTOR, RARE = 3.0, 1e-3
FEW, CLEAR = 0.01, 4.0  # columns are seldom independent, so coincidences are commoner than computed


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
    # Imported here: it takes a second, and every command reaches this file.
    from scipy.stats import fisher_exact

    table = [[matched[0], matched[1] - matched[0]], [within[0], within[1] - within[0]]]
    return float(fisher_exact(table, alternative="greater").pvalue)  # type: ignore[attr-defined]


def expected_by_chance(pipeline: Pipeline, pairs: int) -> float | None:
    """Equal pairs to expect among `pairs`, were the columns independent; None for words and binary maps.

        pairs * product over columns of the chance that two rows agree in it

    Pictures and sequences of measurements give 0: equal ones are copies.
    """
    parts = _sampled_parts(pipeline.batches)
    if not all(part.is_floating_point() for part in parts):
        return None
    rows = torch.cat([part.double().flatten(1) for part in parts], 1)
    if any(part.dim() > 2 for part in parts):
        return None if follows_from_binary(parts) else 0.0
    chance = 1.0
    for columns in one_hot_blocks(rows):
        counts = torch.unique(rows[:, columns], dim=0, return_counts=True)[1].double()
        chance *= float((counts * (counts - 1)).sum()) / max(len(rows) * (len(rows) - 1), 1)
    return pairs * chance


def follows_from_binary(parts: Sequence[Tensor]) -> bool:
    """Whether all that an example is follows from its binary parts: rows that are equal there are equal in all parts.

    Pictures beside a mask do not: of two with one mask, each is its own.
    """
    flat = [part.double().flatten(1) for part in parts]
    binary = [rows for rows in flat if len(torch.unique(rows)) <= 2]
    if not binary:
        return False
    return len(torch.unique(torch.cat(binary, 1), dim=0)) == len(torch.unique(torch.cat(flat, 1), dim=0))


def _sampled_parts(batches: Sequence[Any]) -> list[Tensor]:
    """The tensors of the inputs that have a row for each example, each over all batches, padded to the longest."""
    columns = [
        [t.detach().cpu() for t in tensors_in(split_batch(batch)[0]) if t.dim() and len(t) == count_examples(batch)]
        for batch in batches
    ]
    like_first = [parts for parts in columns if [t.dim() for t in parts] == [t.dim() for t in columns[0]]]
    return [_padded(tensors) for tensors in zip(*like_first, strict=True)]


def _padded(tensors: Sequence[Tensor]) -> Tensor:
    sizes = [max(lengths) for lengths in zip(*(tensor.shape[1:] for tensor in tensors), strict=True)]
    whole = tensors[0].new_zeros(sum(len(tensor) for tensor in tensors), *sizes)
    first = 0
    for tensor in tensors:
        whole[(slice(first, first + len(tensor)), *(slice(length) for length in tensor.shape[1:]))] = tensor
        first += len(tensor)
    return whole


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
