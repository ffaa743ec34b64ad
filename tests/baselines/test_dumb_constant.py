"""Constant answers by hand, and samples that are fair, small and repeatable."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import torch
from torch import Tensor

from assay.baselines.constant import predict_majority_or_mean, predict_prior
from assay.baselines.sample import draw_sample
from assay.data.encoders import ArrayEncoder
from assay.data.specification import Normalization, Specification
from assay.data.split import LazyInputs, Split

CLASSES = Specification("classification", (2,), Normalization((1.0, 2.0), (2.0, 4.0)), ArrayEncoder((2,)), tuple("abc"))
NUMBERS = Specification("regression", (2,), Normalization((0.0, 0.0), (1.0, 1.0)), ArrayEncoder((2,)))


class LazyRows:
    """Inputs decoded on demand, out of a tensor."""

    def __init__(self, values: Tensor) -> None:
        self.values = values

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, index: int) -> Tensor:
        return self.values[index]

    def select(self, indices: Sequence[int]) -> LazyInputs:
        return LazyRows(self.values[list(indices)])


def test_majority_and_prior_by_hand() -> None:
    targets = torch.tensor([2, 0, 2, 1])
    assert predict_majority_or_mean(targets, CLASSES, 2).tolist() == [[0.0, 0.0, 1.0]] * 2
    assert predict_prior(targets, CLASSES, 2).tolist() == [[0.25, 0.25, 0.5]] * 2


def test_the_prior_loses_its_entropy_and_no_constant_loses_less() -> None:
    targets = torch.tensor([0] * 5 + [1] * 3 + [2] * 2)
    answers = predict_prior(targets, CLASSES, 10)
    loss = torch.nn.functional.nll_loss(answers.log(), targets)
    shares = torch.tensor([0.5, 0.3, 0.2])
    torch.testing.assert_close(loss, -(shares * shares.log()).sum())
    other = torch.tensor([0.45, 0.35, 0.2]).expand(10, 3)
    assert torch.nn.functional.nll_loss(other.log(), targets) > loss


def test_mean_by_hand() -> None:
    targets = torch.tensor([1.0, 2.0, 6.0])
    assert predict_majority_or_mean(targets, NUMBERS, 2).tolist() == [[3.0], [3.0]]
    assert predict_prior(targets, NUMBERS, 1).tolist() == [[3.0]]


def rows(n: int) -> Tensor:
    return torch.stack([torch.arange(float(n)), 2 * torch.arange(float(n))], dim=1)


@pytest.mark.parametrize("lazy", [False, True])
def test_a_sample_keeps_each_target_with_its_normalised_input(lazy: bool, random_state_untouched: None) -> None:
    inputs = LazyRows(rows(3000)) if lazy else rows(3000)
    split = Split(inputs, torch.arange(3000) % 3, tuple(map(str, range(3000))))
    sample = draw_sample(split, CLASSES, most=2500, seed=1)
    numbers = (sample.features[:, 0] * 2.0 + 1.0).round().long()
    assert len(sample) == len(numbers.unique()) == 2500
    assert torch.equal(sample.targets, numbers % 3)
    torch.testing.assert_close(sample.features[:, 1], (2.0 * numbers - 2.0) / 4.0)
    assert torch.equal(sample.features, draw_sample(split, CLASSES, most=2500, seed=1).features)
    assert not torch.equal(sample.features, draw_sample(split, CLASSES, most=2500, seed=2).features)
    assert len(sample.first(10)) == 10


def test_files_are_read_no_longer_than_the_time_given() -> None:
    split = Split(LazyRows(rows(1000)), torch.arange(1000) % 3, tuple(map(str, range(1000))))
    assert len(draw_sample(split, CLASSES, most=900, seed=0, seconds=0.0)) == 64  # one chunk at least


def test_an_empty_sample_is_refused() -> None:
    split = Split(torch.zeros(0, 2), torch.zeros(0, dtype=torch.int64), ())
    with pytest.raises(ValueError, match="needs a split with examples and most >= 1, got 0 and most=5"):
        draw_sample(split, CLASSES, most=5, seed=0)
