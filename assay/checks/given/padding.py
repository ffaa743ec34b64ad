"""Where rows of words are padded: one whole number that stands at an end of rows, and nowhere else.

Source: PyTorch documentation of pad_sequence (rows are filled up to the longest).
"""

from __future__ import annotations

import torch
from torch import Tensor

FEWEST_PLACES, FEWEST_WORDS = 3, 3


def real_places(tokens: Tensor) -> Tensor | None:
    """True at words, False at padding: one whole number that stands at the end of rows, or at their beginning, only.

    None where there is no such number, or where the tensor is no rows of words.
    """
    is_words = tokens.dim() == 2 and not tokens.is_floating_point() and tokens.dtype != torch.bool
    if not is_words or tokens.shape[1] < FEWEST_PLACES or len(tokens.unique()) < FEWEST_WORDS + 1:
        return None  # a mask, or no words
    sides = _rows_of_words(tokens), _rows_of_words(tokens.flip(1))
    found = [sides[0], None if sides[1] is None else sides[1].flip(1)]
    return min((real for real in found if real is not None), key=lambda real: int(real.sum()), default=None)


def _rows_of_words(tokens: Tensor) -> Tensor | None:
    padded = padding_at_the_end(tokens)
    return None if padded is None or bool(padded[:, 0].any()) or bool(padded.all()) else ~padded


def padding_at_the_end(tokens: Tensor) -> Tensor | None:
    """True where the commonest last number stands, if it stands at the ends of rows only; an end mark is met at fewer
    places than padding.
    """
    padded = tokens == tokens[:, -1].mode().values
    return padded if bool((padded[:, 1:] | ~padded[:, :-1]).all()) else None
