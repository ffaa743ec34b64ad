import itertools

import pytest
import torch
from check_programs import digits_like, loader_of
from torch.utils.data import DataLoader, TensorDataset

from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.fixed_draws import are_equal, draw_twice, drawn_indices
from assay.checks.given.loader_reading import example_hashes, read_loader, sample_examples, single_values


def test_equal_rows_have_equal_hashes_whatever_the_batch():
    inputs, labels = digits_like(80)
    whole = example_hashes([inputs, labels], 80)
    parts = [*example_hashes([inputs[:30], labels[:30]], 30), *example_hashes([inputs[30:], labels[30:]], 50)]
    assert whole == parts
    assert len(set(whole)) == 80
    assert example_hashes(torch.tensor([True, False]), 2)[0] != example_hashes(torch.tensor([False, False]), 2)[0]


def test_a_pass_keeps_order_targets_and_sizes():
    inputs, labels = digits_like(100)
    reading = read_loader(loader_of(inputs, labels, shuffle=False))
    assert reading.sizes == (40, 40, 20)
    assert reading.whole
    assert not reading.padded
    assert reading.values is not None
    assert reading.values.tolist() == labels.tolist()
    assert list(reading.inputs) == example_hashes(inputs, 100)


def test_a_stream_without_end_is_left_and_padding_is_seen():
    endless = ((torch.randn(4, 2 + number % 2), torch.zeros(4)) for number in itertools.count())
    reading = read_loader(endless, most_examples=40)
    assert len(reading.inputs) == 40
    assert not reading.whole
    assert reading.padded
    with pytest.raises(CannotCheckError, match="padded to different shapes"):
        sample_examples([(torch.zeros(2, 3), torch.zeros(2)), (torch.zeros(2, 4), torch.zeros(2))])


@pytest.mark.parametrize(
    ("targets", "values"),
    [
        (torch.tensor([2, 0]), [2.0, 0.0]),
        (torch.tensor([[0.5], [1.5]]), [0.5, 1.5]),
        (torch.tensor([[0.1, 0.9], [1.0, 0.0]]), [1.0, 0.0]),
        (torch.tensor([[1.0, 1.0], [0.0, 1.0]]), None),
    ],
)
def test_single_values_by_hand(targets, values):
    found = single_values(targets, 2)
    assert (None if found is None else found.tolist()) == values


def test_the_same_examples_are_drawn_twice():
    draws = draw_twice(loader_of(*digits_like()))
    assert draws is not None
    assert are_equal(*draws)
    assert len(draws[0][0]) == 48
    assert draw_twice([digits_like(40)]) is None


def test_a_sampler_without_end_is_cut():
    data = TensorDataset(*digits_like(40))
    indices = drawn_indices(DataLoader(data, 8, sampler=(number % 40 for number in itertools.count())))
    assert indices is not None
    assert len(indices) == 20_000
