"""Loaders that give nothing, give it once, or fail are refused by name."""

import pytest
import torch
from check_programs import digits_like, loader_of
from torch.utils.data import DataLoader

from assay.checks.given.usable_loader import sample_batches
from assay.checks.verify import verify
from assay.errors import InputError

INPUTS, LABELS = digits_like(16)


class Once:
    """An iterator of its own, made once and so used up."""

    def __init__(self) -> None:
        self.batches = iter([(INPUTS, LABELS)])

    def __iter__(self):
        return self.batches


class Broken(torch.utils.data.Dataset):
    def __len__(self):
        return 16

    def __getitem__(self, index):
        if index >= 8:
            raise OSError(f"cannot read {index}.png")
        return INPUTS[index], LABELS[index]


@pytest.mark.parametrize(
    ("loader", "message"),
    [
        ([], "train_loader must give at least one batch, got none"),
        ([(INPUTS[:0], LABELS[:0])], "train_loader: each batch must hold examples, got none in batch 0"),
        ([(INPUTS, LABELS), None], "train_loader: a batch must be .*got NoneType"),
        ([(["a", "b"], LABELS[:2])], r"train_loader: inputs must be tensors .*got list \['a', 'b'\]"),
        ([(torch.tensor(1.0), LABELS)], "train_loader: inputs must be tensors .*got a tensor without axes"),
        (Once(), "train_loader must be iterable anew, got Once, which gave 1 batches and then none"),
        (DataLoader(Broken(), 8), r"train_loader: giving batch 1 it raised OSError: cannot read 8\.png; mend its data"),
    ],
)
def test_unusable_training_loaders_are_refused(program, loader, message):
    with pytest.raises(InputError, match=message):
        verify(**program(train_loader=loader))


@pytest.mark.parametrize(
    ("loader", "message"),
    [
        ([], "val_loader must give at least one batch, got none"),
        ([None], "val_loader: a batch must be .*got NoneType"),
        ([INPUTS], "val_loader: a batch must be .*got inputs alone"),
        (DataLoader(Broken(), 4, sampler=[9, 10]), "val_loader: giving batch 0 it raised OSError: cannot read 9"),
    ],
)
def test_unusable_validation_loaders_are_refused(program, loader, message):
    with pytest.raises(InputError, match=message):
        verify(**program(val_loader=loader))


def test_the_first_batches_are_copies():
    loader = [(INPUTS, LABELS)] * 10
    batches = sample_batches(loader)
    assert len(batches) == 8
    assert batches[0][0] is not INPUTS
    assert torch.equal(batches[0][0], INPUTS)
    assert sum(len(batch[1]) for batch in sample_batches(loader_of(INPUTS, LABELS))) == 16
