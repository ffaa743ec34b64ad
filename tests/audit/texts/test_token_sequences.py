"""Which arrays are padded sequences of tokens, and what is said of them."""

from __future__ import annotations

import pytest
import torch

from assay.audit.inspect import inspect
from assay.audit.texts.tokens import find_padding, sequence_lengths, token_column
from assay.data.data import Data

N, LENGTH = 200, 24


@pytest.fixture
def tokens() -> torch.Tensor:
    """Sequences of 3 to 23 of 99 tokens, filled up with zeros."""
    print("seed 412")
    generator = torch.Generator().manual_seed(412)
    lengths = torch.randint(3, LENGTH, (N, 1), generator=generator)
    rows = torch.randint(1, 100, (N, LENGTH), generator=generator)
    return torch.where(torch.arange(LENGTH) < lengths, rows, 0).float()


def made(make_data, rows: torch.Tensor) -> Data:
    return make_data(rows, torch.arange(N) % 2, sizes=(120, 40, 40))


def test_lengths_by_hand() -> None:
    rows = torch.tensor([[3.0, 0.0, 5.0, 0.0], [0.0, 0.0, 0.0, 0.0], [1.0, 2.0, 3.0, 4.0]])
    assert sequence_lengths(rows, 0.0).tolist() == [3, 0, 4]


def test_padded_sequences_are_told(make_data, tokens: torch.Tensor) -> None:
    data = made(make_data, tokens)
    column = token_column(data)
    assert find_padding(data) == 0.0
    assert column is not None
    assert (len(column), column.noun) == (N, "token")
    assert sum(column.vocabulary.values()) == int((tokens[:120] > 0).sum())


def test_an_inspection_describes_sequences(make_data, tokens: torch.Tensor) -> None:
    tokens[7], tokens[8] = 0.0, 5.0
    found = {finding.id: finding for finding in inspect(made(make_data, tokens)).findings}
    assert found["text_statistics"].evidence["words"][0] == 0
    assert found["empty_texts"].evidence["ids"] == ["train-7"]
    assert found["full_sequences"].evidence["count"] == 1
    assert not {"clipped_signals", "dead_channels", "offset_signals"} & set(found)


def test_other_arrays_are_no_sequences(make_data, tokens: torch.Tensor) -> None:
    generator = torch.Generator().manual_seed(413)
    pixels = torch.where(torch.rand(N, LENGTH, generator=generator) < 0.6, 0.0, tokens.max() * torch.rand(N, LENGTH))
    unpadded = torch.randint(1, 100, (N, LENGTH), generator=generator).float()
    for other in (pixels.round(), unpadded, tokens + 0.5, tokens - 5, torch.zeros(N, LENGTH)):
        assert find_padding(made(make_data, other)) is None
