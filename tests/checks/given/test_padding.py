"""Padding stands at the ends of rows and nowhere else."""

from __future__ import annotations

import torch

from assay.checks.given.padding import padding_at_the_end, real_places


def test_padding_is_found_at_the_ends_of_rows():
    tokens = torch.tensor([[1, 2, 3, 0], [4, 5, 0, 0], [3, 2, 1, 4], [0, 0, 0, 0]])
    padded = padding_at_the_end(tokens)
    assert padded is not None
    assert torch.equal(padded, tokens == 0)
    assert real_places(tokens) is None  # a row without a word has no real place to read
    assert torch.equal(real_places(tokens[:3]), tokens[:3] != 0)


def test_a_word_that_also_stands_inside_is_no_padding():
    assert padding_at_the_end(torch.tensor([[1, 0, 3, 0], [4, 5, 0, 0], [3, 2, 1, 0]])) is None
