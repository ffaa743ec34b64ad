"""Normalisation statistics: exact, in chunks, harmless where a column is constant."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import torch
from torch import Tensor

from assay.data.split import Split
from assay.data.statistics import CHUNK, normalization_of


def split_of(inputs: Tensor) -> Split:
    return Split(inputs, torch.zeros(len(inputs), dtype=torch.int64), tuple(map(str, range(len(inputs)))))


def test_by_hand() -> None:
    """Column one holds 1, 3, 5 (mean 3, deviation sqrt(8/3)), column two is constant."""
    normalization = normalization_of(split_of(torch.tensor([[1.0, 7.0], [3.0, 7.0], [5.0, 7.0]])))
    assert normalization.mean == (3.0, 7.0)
    assert abs(normalization.std[0] - (8 / 3) ** 0.5) < 1e-12
    assert normalization.std[1] == 1.0


def test_chunks_agree_with_torch_over_the_whole() -> None:
    images = torch.randint(0, 256, (2 * CHUNK + 77, 3, 4, 4), generator=torch.Generator().manual_seed(0)).byte()
    normalization = normalization_of(split_of(images))
    values = images.double()
    torch.testing.assert_close(torch.tensor(normalization.mean).double(), values.mean((0, 2, 3)), rtol=1e-6, atol=0)
    expected = values.std((0, 2, 3), correction=0)
    torch.testing.assert_close(torch.tensor(normalization.std).double(), expected, rtol=1e-6, atol=0)


def test_a_large_offset_costs_no_precision() -> None:
    column = 1e6 + torch.tensor([0.0, 1.0]).repeat(3 * CHUNK).unsqueeze(1)
    assert abs(normalization_of(split_of(column)).std[0] - 0.5) < 1e-6


def test_a_constant_column_of_large_values_has_deviation_one() -> None:
    assert normalization_of(split_of(torch.full((3 * CHUNK + 1, 1), 0.1))).std == (1.0,)


class Lazy:
    """Ten constant images: number i is all i."""

    def __init__(self, numbers: Sequence[int]) -> None:
        self.numbers = list(numbers)

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, index: int) -> Tensor:
        return torch.full((1, 2, 2), self.numbers[index], dtype=torch.uint8)

    def select(self, indices: Sequence[int]) -> Lazy:
        return Lazy([self.numbers[index] for index in indices])


def test_lazy_inputs_are_sampled_and_a_small_split_wholly() -> None:
    split = Split(Lazy(range(10)), torch.zeros(10, dtype=torch.int64), tuple(map(str, range(10))))
    normalization = normalization_of(split)
    assert abs(normalization.mean[0] - 4.5) < 1e-12
    assert abs(normalization.std[0] - 8.25**0.5) < 1e-12


@pytest.mark.parametrize("seed", range(5))
def test_lazy_inputs_give_exactly_what_memory_gives(seed: int) -> None:
    """To the last bit: a model must not depend on how much memory its data was given."""
    numbers = torch.randint(0, 256, (2 * CHUNK + 77,), generator=torch.Generator().manual_seed(seed)).tolist()
    held = torch.tensor(numbers, dtype=torch.uint8)[:, None, None, None].expand(-1, 1, 2, 2).clone()
    lazy = Split(Lazy(numbers), torch.zeros(len(numbers), dtype=torch.int64), tuple(map(str, range(len(numbers)))))
    assert normalization_of(lazy, seed=seed) == normalization_of(split_of(held))
