"""Small labelled pictures: handwritten digits, drawn shapes, and Fashion-MNIST and CIFAR-10 where they are at hand."""

from __future__ import annotations

import gzip
import io
import os
import random
import zipfile
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

FOLDER = "ASSAY_DATA_DIR"
CIFAR_CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


def sources() -> list[str]:
    """What can be drawn from here."""
    found, folder = ["digits", "digits", "shapes", "shapes"], Path(os.environ.get(FOLDER, "/nonexistent"))
    if list(folder.glob("fashion-mnist/train-images-idx3-ubyte*")):
        found.append("fashion-mnist")
    if (folder / "cifar10-jpeg.zip").is_file():
        found.append("cifar10")
    return found


def load(source: str, chance: random.Random) -> tuple[Tensor, Tensor]:
    """Pixels in [0, 1] as (n, channels, side, side) and labels; in random order."""
    if source == "shapes":
        return draw_shapes(1200, chance)
    pixels, labels = {"digits": read_digits, "fashion-mnist": read_fashion, "cifar10": read_cifar}[source]()
    if source == "cifar10":
        kept = torch.tensor(sorted(chance.sample(range(10), 4)))
        rows = (labels[:, None] == kept).any(1)
        pixels, labels = pixels[rows], torch.searchsorted(kept, labels[rows])
    order = torch.randperm(len(labels))[:1600]
    return pixels[order], labels[order]


@lru_cache(maxsize=1)
def read_digits() -> tuple[Tensor, Tensor]:
    """1,797 handwritten digits of 8x8."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    return torch.tensor(digits.images, dtype=torch.float32)[:, None] / 16.0, torch.tensor(digits.target).long()


@lru_cache(maxsize=1)
def read_fashion() -> tuple[Tensor, Tensor]:
    """8,000 images of clothes, averaged to 14x14."""
    folder = Path(os.environ[FOLDER]) / "fashion-mnist"
    pixels = np.frombuffer(_start(folder, "train-images-idx3-ubyte", 16 + 8000 * 784), np.uint8, offset=16)
    labels = np.frombuffer(_start(folder, "train-labels-idx1-ubyte", 8 + 8000), np.uint8, offset=8)
    images = torch.tensor(pixels.reshape(-1, 1, 28, 28)).float() / 255.0
    return avg_pool2d(images, 2), torch.tensor(labels).long()


def _start(folder: Path, name: str, count: int) -> bytes:
    """The first bytes of a file, packed or not."""
    path = folder / name
    with path.open("rb") if path.is_file() else gzip.open(folder / f"{name}.gz") as file:
        return file.read(count)


@lru_cache(maxsize=1)
def read_cifar() -> tuple[Tensor, Tensor]:
    """4,000 photographs, averaged to 16x16."""
    from PIL import Image

    images, labels = [], []
    with zipfile.ZipFile(Path(os.environ[FOLDER]) / "cifar10-jpeg.zip") as archive:
        for label, name in enumerate(CIFAR_CLASSES):
            for number in range(400):
                with Image.open(io.BytesIO(archive.read(f"train/{name}/{number:04d}.jpg"))) as image:
                    images.append(np.asarray(image.convert("RGB")))
                labels.append(label)
    pixels = torch.tensor(np.stack(images)).permute(0, 3, 1, 2).float() / 255.0
    return avg_pool2d(pixels, 2), torch.tensor(labels)


def draw_shapes(count: int, chance: random.Random) -> tuple[Tensor, Tensor]:
    """Discs, squares, bars and crosses of any place, size, shade and ground, on 12x12 pixels."""
    kinds, channels, side = chance.choice([3, 4]), chance.choice([1, 3]), 12
    labels = torch.arange(count) % kinds
    row, column = torch.meshgrid(torch.arange(side).float(), torch.arange(side).float(), indexing="ij")
    centre = 4.0 + 3.5 * torch.rand(count, 2)
    radius = (2.2 + 1.4 * torch.rand(count))[:, None, None]
    down, across = (row - centre[:, :1, None]).abs(), (column - centre[:, 1:, None]).abs()
    masks = torch.stack([
        (down**2 + across**2 <= radius**2) & (down**2 + across**2 >= (0.5 * radius) ** 2),
        (torch.maximum(down, across) <= 0.85 * radius),
        (down <= 0.7) & (across <= 1.2 * radius),
        ((down <= 0.7) | (across <= 0.7)) & (torch.maximum(down, across) <= radius),
    ])  # fmt: skip
    mask = masks[labels, torch.arange(count)].float()[:, None]
    ground, shade = 0.3 * torch.rand(count, channels, 1, 1), 0.6 + 0.4 * torch.rand(count, channels, 1, 1)
    pixels = (ground + (shade - ground) * mask + 0.06 * torch.randn(count, channels, side, side)).clamp(0.0, 1.0)
    order = torch.randperm(count)
    return pixels[order], labels[order]
