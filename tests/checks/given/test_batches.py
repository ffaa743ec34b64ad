from collections import UserDict, namedtuple
from dataclasses import dataclass

import pytest
import torch
from torch import nn

from assay.checks.given.batches import join_batches, replace_inputs, split_batch, take_examples, tensors_in
from assay.checks.given.model_call import call_model
from assay.errors import InputError

Pair = namedtuple("Pair", ["inputs", "targets"])


@dataclass(frozen=True)
class Sample:
    pixels: torch.Tensor
    truth: torch.Tensor

    def batch_inputs(self):
        return self.pixels

    @property
    def batch_targets(self):
        return self.truth


INPUTS, TARGETS = torch.arange(12.0).reshape(4, 3), torch.arange(4)


@pytest.mark.parametrize(
    "batch",
    [
        (INPUTS, TARGETS),
        [INPUTS, TARGETS],
        {"input_ids": INPUTS, "labels": TARGETS},
        Pair(INPUTS, TARGETS),
        Sample(INPUTS, TARGETS),
        UserDict(x=INPUTS, y=TARGETS),
        {"anything": INPUTS, "y": TARGETS},
        {"image": INPUTS, "y": TARGETS, "path": "a"},
    ],
    ids=["tuple", "list", "mapping", "named tuple", "hook", "own mapping", "other name", "more items"],
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
    for alone in (INPUTS, [INPUTS], (INPUTS,)):
        with pytest.raises(InputError, match=r"got inputs alone; .* an autoencoder's targets are its inputs: \(x, x\)"):
            split_batch(alone)
    with pytest.raises(InputError, match="got int"):
        split_batch(3)
    with pytest.raises(InputError, match="got a, b"):
        split_batch({"a": 1, "b": 2})


def test_masks_go_with_the_inputs_and_other_items_do_not():
    mask = torch.ones(4, 3)
    batch = {"input_ids": INPUTS, "attention_mask": mask, "labels": TARGETS, "index": torch.arange(4)}
    assert split_batch(batch) == ({"input_ids": INPUTS, "attention_mask": mask}, TARGETS)
    edited = replace_inputs(batch, {"input_ids": INPUTS + 1, "attention_mask": mask})
    assert torch.equal(edited["input_ids"], INPUTS + 1)
    assert edited["index"] is batch["index"]


def test_inputs_of_several_names_reach_the_arguments_of_those_names():
    class Two(nn.Module):
        def forward(self, right, left):
            return left - right

    class Whole(nn.Module):
        def forward(self, batch):
            return batch["left"]

    inputs = split_batch({"left": INPUTS, "right": torch.ones(4, 3), "y": TARGETS})[0]
    assert torch.equal(call_model(Two(), inputs), INPUTS - 1)
    assert torch.equal(call_model(Two(), {**inputs, "unknown": INPUTS}), INPUTS - 1)
    assert call_model(Whole(), inputs) is INPUTS


def test_tensors_of_an_object_with_hooks_are_seen():
    assert list(tensors_in(Sample(INPUTS, TARGETS))) == [INPUTS, TARGETS]
