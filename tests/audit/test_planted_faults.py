"""Random data sets with random faults: every planted one is found, and nothing else is claimed."""

from __future__ import annotations

import random

import pytest
import torch

from assay.audit import inspect
from assay.data.data import Data


def leak(data: Data, drawn: random.Random, into: str) -> set[str]:
    """Copy some training examples, label and all, over examples of another split."""
    split = getattr(data, into)
    for target in drawn.sample(range(len(split)), drawn.randint(1, 5)):
        source = drawn.randrange(len(data.train))
        split.inputs[target] = data.train.inputs[source]
        split.targets[target] = data.train.targets[source]
    return {f"train_{into}_duplicates"}


def flip(data: Data, drawn: random.Random) -> set[str]:
    """Copy a training example and give the copy another class."""
    first, second = drawn.sample(range(len(data.train)), 2)
    data.train.inputs[second] = data.train.inputs[first]
    data.train.targets[second] = (data.train.targets[first] + 1) % len(data.specification.classes)
    return {"conflicting_labels"}


def kill(data: Data, drawn: random.Random) -> set[str]:
    """Give one channel or column the same value everywhere in train."""
    data.train.inputs[:, drawn.randrange(data.train.inputs.shape[1])] = 7
    # A channel that is dead in training only makes the images of the other splits brighter or darker.
    return {"constant_channels", "drift"} if data.specification.is_image else {"constant_columns"}


def spoil(data: Data, drawn: random.Random) -> set[str]:
    """Blank an image, or put a nan into a table."""
    split = getattr(data, drawn.choice(["train", "validation", "test"]))
    row = drawn.randrange(len(split))
    if data.specification.is_image:
        split.inputs[row] = drawn.randrange(256)
        return {"blank_images"}
    split.inputs[row, drawn.randrange(split.inputs.shape[1])] = torch.nan
    return {"inputs_finite"}


def starve(data: Data, drawn: random.Random) -> set[str]:
    """Move nearly all training examples of one class into another."""
    size = len(data.specification.classes)
    poor = drawn.randrange(size)
    rows = (data.train.targets == poor).nonzero().flatten()[1:]
    data.train.targets[rows] = (poor + 1) % size
    # The other splits keep their shares.
    return {"class_balance", "label_drift"}


def misname(data: Data, drawn: random.Random) -> set[str]:
    """A label that is no class."""
    split = getattr(data, drawn.choice(["train", "validation", "test"]))
    split.targets[drawn.randrange(len(split))] = drawn.choice([-1, len(data.specification.classes)])
    return {"labels_in_range"}


FAULTS = (
    lambda data, drawn: leak(data, drawn, drawn.choice(["validation", "test"])),
    flip,
    kill,
    spoil,
    starve,
    misname,
)


@pytest.mark.parametrize("kind", ["make_images", "make_table"])
@pytest.mark.parametrize("number", range(len(FAULTS)), ids=["leak", "flip", "kill", "spoil", "starve", "misname"])
def test_a_planted_fault_is_found_and_nothing_else(kind: str, number: int, request: pytest.FixtureRequest) -> None:
    make = request.getfixturevalue(kind)
    for seed in range(8):
        drawn = random.Random(seed)
        classes = drawn.randint(3, 5)
        print("seed", seed, "classes", classes)
        data = make(seed, n=200, classes=classes)
        expected = FAULTS[number](data, drawn)
        assert {alert.id for alert in inspect(data).alerts} == expected
