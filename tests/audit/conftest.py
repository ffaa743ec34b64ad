"""Data sets made by hand, so that a test knows every fault in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
import torch

from assay.data.data import Data
from assay.data.encoders import ArrayEncoder, Encoder
from assay.data.specification import Normalization, Specification
from assay.data.split import LazyInputs, Split

SIZES = (120, 40, 40)
MakeData = Callable[..., Data]


def build(
    inputs: torch.Tensor,
    targets: torch.Tensor,
    *,
    sizes: tuple[int, ...] = SIZES,
    classes: int | None = None,
    encoder: Encoder | None = None,
) -> Data:
    """Three consecutive splits; integer targets make a classification, others a regression."""
    classification = not targets.is_floating_point()
    width = classes or (int(targets.max()) + 1 if classification else 0)
    shape = tuple(inputs.shape[1:])
    specification = Specification(
        task="classification" if classification else "regression",
        input_shape=shape,
        normalization=Normalization((0.0,) * shape[0], (1.0,) * shape[0]),
        encoder=encoder or ArrayEncoder(shape),
        classes=tuple(f"class {number}" for number in range(width)) if classification else (),
        class_frequencies=(1 / width,) * width if classification else (),
    )
    names = ("train", "validation", "test")
    parts = torch.arange(len(targets)).split(list(sizes))
    splits = [
        Split(inputs[part].clone(), targets[part].clone(), tuple(f"{name}-{i}" for i in range(len(part))))
        for name, part in zip(names, parts, strict=True)
    ]
    return Data("made by hand", specification, *splits)


def random_images(seed: int, n: int = sum(SIZES), classes: int = 4) -> Data:
    """Noise of 3x6x6 bytes with balanced labels: nothing is wrong with it."""
    generator = torch.Generator().manual_seed(seed)
    inputs = torch.randint(0, 256, (n, 3, 6, 6), generator=generator, dtype=torch.uint8)
    return build(inputs, torch.arange(n) % classes)


def random_table(seed: int, n: int = sum(SIZES), columns: int = 5, classes: int = 3) -> Data:
    """Gaussian columns of several scales with balanced labels: nothing is wrong with it."""
    generator = torch.Generator().manual_seed(seed)
    scales = 10.0 ** torch.arange(columns)
    return build(torch.randn(n, columns, generator=generator) * scales + 100.0, torch.arange(n) % classes)


class LazyRows:
    """Inputs decoded on demand, out of a tensor; counts its reads."""

    def __init__(self, values: torch.Tensor) -> None:
        self.values, self.reads = values, 0

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, index: int) -> torch.Tensor:
        self.reads += 1
        return self.values[index]

    def select(self, indices: Sequence[int]) -> LazyInputs:
        return LazyRows(self.values[list(indices)])


@pytest.fixture
def lazily() -> Callable[[torch.Tensor], LazyRows]:
    """Makes inputs that are decoded on demand."""
    return LazyRows


@pytest.fixture
def images() -> Data:
    return random_images(0)


@pytest.fixture
def table() -> Data:
    return random_table(0)


@pytest.fixture
def make_data() -> MakeData:
    return build


@pytest.fixture
def make_images() -> MakeData:
    return random_images


@pytest.fixture
def make_table() -> MakeData:
    return random_table
