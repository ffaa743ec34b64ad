"""Two data sets of a few rows, made anew for every test that asks for them."""

from __future__ import annotations

import pytest
import torch

from assay.data.data import Data
from assay.data.encoders import ArrayEncoder
from assay.data.specification import Normalization, Specification
from assay.data.split import Split


@pytest.fixture
def tiny_images() -> Data:
    """40 uint8 images of 1x8x8 in four classes: a bright quadrant on a dim, noisy ground.

    24 train, 8 validation, 8 test, every split with all classes equally often.
    """
    generator = torch.Generator().manual_seed(0)
    targets = torch.arange(40) % 4
    inputs = torch.randint(0, 60, (40, 1, 8, 8), generator=generator, dtype=torch.uint8)
    for image, target in zip(inputs, targets.tolist(), strict=True):
        top, left = 4 * (target // 2), 4 * (target % 2)
        image[:, top : top + 4, left : left + 4] += 180
    pixels = inputs[:24].float()
    specification = Specification(
        task="classification",
        input_shape=(1, 8, 8),
        normalization=Normalization((pixels.mean().item(),), (pixels.std().item(),)),
        encoder=ArrayEncoder(shape=(1, 8, 8)),
        classes=("north-west", "north-east", "south-west", "south-east"),
        class_frequencies=(0.25, 0.25, 0.25, 0.25),
    )
    return _three_splits("tiny images", specification, inputs, targets, sizes=(24, 8, 8))


@pytest.fixture
def tiny_table() -> Data:
    """60 rows of three float columns; the target is 2 a - b + 5 plus noise of deviation 0.1.

    36 train, 12 validation, 12 test.
    """
    generator = torch.Generator().manual_seed(0)
    inputs = torch.randn(60, 3, generator=generator) * torch.tensor([1.0, 10.0, 0.1])
    noise = 0.1 * torch.randn(60, generator=generator)
    targets = 2.0 * inputs[:, 0] - inputs[:, 1] + 5.0 + noise
    train = inputs[:36]
    specification = Specification(
        task="regression",
        input_shape=(3,),
        normalization=Normalization(tuple(train.mean(0).tolist()), tuple(train.std(0).tolist())),
        encoder=ArrayEncoder(shape=(3,)),
        target_mean=targets[:36].mean().item(),
        target_std=targets[:36].std().item(),
    )
    return _three_splits("tiny table", specification, inputs, targets, sizes=(36, 12, 12))


def _three_splits(
    name: str, specification: Specification, inputs: torch.Tensor, targets: torch.Tensor, sizes: tuple[int, int, int]
) -> Data:
    whole = Split(inputs, targets, tuple(f"row {index}" for index in range(len(targets))))
    train, validation, test = (whole.select(indices) for indices in torch.arange(len(targets)).split(list(sizes)))
    return Data(name, specification, train=train, validation=validation, test=test)
