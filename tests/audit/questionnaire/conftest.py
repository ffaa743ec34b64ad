"""Data sets of which it is known what alone tells their classes apart."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from known_inputs import known_inputs

from assay.data.data import Data

SIZES = (256, 120, 4)


@pytest.fixture
def inputs_of(make_data) -> Callable[..., Data]:
    """`inputs_of("colours", seed)`: images or signals in two classes."""

    def build(kind: str, seed: int = 400, sizes: tuple[int, ...] = SIZES) -> Data:
        print(f"seed {seed}")
        labels = torch.arange(sum(sizes)) % 2
        return make_data(known_inputs(kind, labels, seed), labels, sizes=sizes)

    return build
