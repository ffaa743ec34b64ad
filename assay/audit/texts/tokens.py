"""Arrays of padded sequences of tokens: whole numbers that end, in every row, with the same one.

    padding = the commonest last value of the training rows
    length  = place of the last value that is not padding

Rows are taken for sequences when they are whole numbers from -1 up, of 20 different values or more; when one in ten at
least ends in two values of padding; when lengths differ; and when padding hardly stands anywhere else. Rows of pixels,
where dark ones stand everywhere, and counts are none. Without padding nothing tells tokens from other numbers.
"""

from __future__ import annotations

from collections import Counter
from sys import intern

import torch
from jaxtyping import Float, Int
from torch import Tensor

from assay.audit.counts import splits_of
from assay.audit.texts.reading import TextColumn
from assay.data.data import Data
from assay.data.encoders import TableEncoder

LEAST_LENGTH, LEAST_VOCABULARY, LEAST_LENGTHS = 4, 20, 3
PADDED_SHARE, INNER_SHARE = 0.1, 0.05
ASKED = 2000
"""Rows that are enough to tell."""


def token_column(data: Data) -> TextColumn | None:
    """The sequences of all splits as texts whose words are tokens; None where the inputs are none."""
    padding = find_padding(data)
    if padding is None:
        return None
    ids, splits, rows = list[str](), list[str](), list[tuple[str, ...]]()
    for name, split in splits_of(data).items():
        assert isinstance(split.inputs, Tensor)
        lengths = sequence_lengths(split.inputs, padding).tolist()
        written = split.inputs.long().tolist()
        ids += split.ids
        splits += [name] * len(split)
        rows += [
            tuple(intern(str(token)) for token in row[:length]) for row, length in zip(written, lengths, strict=True)
        ]
    known = Counter(token for name, row in zip(splits, rows, strict=True) if name == "train" for token in row)
    texts = tuple(" ".join(row) for row in rows)
    return TextColumn("inputs", tuple(ids), tuple(splits), texts, tuple(rows), known, "token")


def find_padding(data: Data) -> float | None:
    """The value that fills up the rows of the training split; None where they are no sequences."""
    inputs = data.train.inputs
    is_array = not isinstance(data.specification.encoder, TableEncoder)
    if not is_array or not isinstance(inputs, Tensor) or inputs.dim() != 2 or inputs.shape[1] < LEAST_LENGTH:
        return None
    rows = inputs[:ASKED]
    if len(rows) == 0 or not bool((rows == rows.round()).all()) or float(rows.min()) < -1:
        return None
    padding = float(rows[:, -1].mode().values)
    lengths = sequence_lengths(rows, padding)
    inner = torch.arange(rows.shape[1]) < lengths[:, None]
    is_padded = float((lengths <= rows.shape[1] - 2).double().mean()) >= PADDED_SHARE
    is_elsewhere = float((rows[inner] == padding).double().mean()) > INNER_SHARE if bool(inner.any()) else True
    enough = len(lengths.unique()) >= LEAST_LENGTHS and len(rows.unique()) > LEAST_VOCABULARY
    return padding if is_padded and enough and not is_elsewhere else None


def sequence_lengths(rows: Float[Tensor, "n length"], padding: float) -> Int[Tensor, " n"]:
    """Values of each row up to the last that is not padding."""
    places = torch.arange(1, rows.shape[1] + 1)
    return torch.where(rows != padding, places, 0).amax(1)
