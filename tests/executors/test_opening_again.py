"""What a process opened is opened again by another: whole, in part, or in another order."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from assay.data.data import Data
from assay.data.loader import order_for_epoch
from assay.executors.opening import Opening, open_again


@pytest.mark.parametrize("share", [0.1, 0.5, 1.0])
def test_a_part_in_another_order_is_opened_again(digits: Data, share: float) -> None:
    """A stage with time for all examples draws all of them, in an order of its own."""
    number = int(share * len(digits.train))
    part = replace(digits, train=digits.train.select(order_for_epoch(len(digits.train), 7, -1)[:number]))
    opening = Opening({"source": "digits", "seed": 0}, digits).of(part)
    assert opening is not None
    assert open_again(opening, part.fingerprint).train.ids == part.train.ids


def test_the_whole_needs_no_places(digits: Data) -> None:
    opening = Opening({"source": "digits", "seed": 0}, digits).of(digits)
    assert opening == {"asked": {"source": "digits", "seed": 0}, "chosen": {}}


def test_changed_examples_are_no_part(digits: Data) -> None:
    changed = replace(digits, train=replace(digits.train, targets=torch.zeros_like(digits.train.targets)))
    assert Opening({"source": "digits", "seed": 0}, digits).of(changed) is None
