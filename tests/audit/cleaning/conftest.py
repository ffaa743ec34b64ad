"""Small data whose wrong labels are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from assay.data.data import Data
from assay.data.open import open_data
from assay.data.split import Split

SEED = 434


@pytest.fixture
def digits() -> tuple[Data, np.ndarray]:
    """300 digits of five classes, 20 of whose training labels are wrong; and which, over all splits."""
    data = open_data("digits")
    draw = np.random.default_rng(SEED)

    def part(split: Split, count: int) -> Split:
        rows = (split.targets < 5).nonzero()[:, 0][:count]
        return split.select(rows)

    train, validation, test = part(data.train, 200), part(data.validation, 50), part(data.test, 50)
    chosen = torch.from_numpy(draw.permutation(200)[:20])
    targets = train.targets.clone()
    targets[chosen] = (targets[chosen] + 1 + torch.from_numpy(draw.integers(0, 4, 20))) % 5
    wrong = np.zeros(300, dtype=bool)
    wrong[np.flatnonzero((targets != train.targets).numpy())] = True
    specification = replace(data.specification, classes=data.specification.classes[:5], class_frequencies=(0.2,) * 5)
    train = replace(train, targets=targets)
    return replace(data, specification=specification, train=train, validation=validation, test=test), wrong
