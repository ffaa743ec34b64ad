from collections import namedtuple

import pytest
import torch

from assay.checks.batches import join_batches, replace_inputs, split_batch, take_examples
from assay.errors import InputError

Pair = namedtuple("Pair", ["inputs", "targets"])
INPUTS, TARGETS = torch.arange(12.0).reshape(4, 3), torch.arange(4)


@pytest.mark.parametrize(
    "batch",
    [(INPUTS, TARGETS), [INPUTS, TARGETS], {"input_ids": INPUTS, "labels": TARGETS}, Pair(INPUTS, TARGETS)],
    ids=["tuple", "list", "mapping", "named tuple"],
)
def test_batches_come_apart_and_together(batch):
    assert split_batch(batch) == (INPUTS, TARGETS)
    taken = take_examples(batch, [2, 0])
    assert type(taken) is type(batch)
    assert torch.equal(split_batch(taken)[0], INPUTS[[2, 0]])
    assert torch.equal(split_batch(taken)[1], torch.tensor([2, 0]))
    zeroed = replace_inputs(batch, torch.zeros_like(INPUTS))
    assert split_batch(zeroed)[0].sum() == 0
    assert split_batch(zeroed)[1] is TARGETS
    assert len(split_batch(join_batches([batch, batch]))[0]) == 8


def test_batches_padded_to_different_lengths_are_not_joined():
    first = (torch.zeros(2, 5), torch.zeros(2))
    assert join_batches([first, (torch.zeros(2, 7), torch.zeros(2))]) is first


def test_other_things_are_refused():
    with pytest.raises(InputError, match="got Tensor"):
        split_batch(INPUTS)
    with pytest.raises(InputError, match="got a, b"):
        split_batch({"a": 1, "b": 2})
