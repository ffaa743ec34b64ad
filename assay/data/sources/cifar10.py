"""CIFAR-10: 50,000 + 10,000 colour images of ten things, 32x32, from its pickled batches or class folders.

Source: Krizhevsky 2009, Learning multiple layers of features from tiny images.
"""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from assay.data.encoders import ImageEncoder
from assay.data.examples import Examples, Options
from assay.data.sources.folder import read_folder
from assay.data.sources.places import describe, places_for
from assay.errors import InputError

ADDRESS = "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz"
CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
BATCHES = {**{f"data_batch_{number}": "train" for number in range(1, 6)}, "test_batch": "test"}
ADMITTED = frozenset(
    {
        ("numpy", "ndarray"),
        ("numpy", "dtype"),
        ("numpy.core.multiarray", "_reconstruct"),
        ("numpy._core.multiarray", "_reconstruct"),
        ("_codecs", "encode"),
    }
)
"""What a pickled array of bytes is made of; any other name in a pickle could run code."""


def read_cifar10(options: Options) -> Examples:
    """Both parts as (n, 3, 32, 32) bytes.

    Raises:
        InputError: the files are nowhere to be found, damaged, or pickles of something else.
    """
    options.refuse("cifar10", "target", "impute")
    places = places_for("cifar10")
    for place in places:
        for folder in (place, place / "cifar-10-batches-py"):
            if (folder / "data_batch_1").is_file():
                options.refuse("cifar10 from pickled batches", "group", "size", "skip_bad")
                return _read_batches(folder)
        if place.is_dir() and any(child.is_dir() for child in place.iterdir()):
            return read_folder(place, options, name="cifar10")
    raise InputError(
        f"cifar10 is not on this machine; looked in {describe(places)}. Unpack {ADDRESS} or class folders of its "
        f"images into one of them, or name another directory with ASSAY_DATA_DIR"
    )


class ArrayUnpickler(pickle.Unpickler):
    """Reads dicts, lists, bytes and numpy arrays; refuses every other global before it is looked up."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in ADMITTED:
            raise pickle.UnpicklingError(f"{module}.{name} is not part of an array")
        return super().find_class(module.replace("numpy.core", "numpy._core"), name)


def read_batch(path: Path) -> tuple[Tensor, Tensor]:
    """Images (n, 3, 32, 32) and labels of one pickled batch.

    Raises:
        InputError: damaged, or it holds anything but arrays.
    """
    try:
        with path.open("rb") as file:
            batch = ArrayUnpickler(file, encoding="bytes").load()
        pixels, labels = batch[b"data"], batch[b"labels"]
        images = torch.from_numpy(np.asarray(pixels, dtype=np.uint8).reshape(len(labels), 3, 32, 32).copy())
        targets = torch.tensor(labels, dtype=torch.int64)
    except pickle.UnpicklingError as error:
        raise InputError(f"{path}: refused, a CIFAR-10 batch holds arrays only ({error}); fetch it again") from error
    # A damaged pickle fails in as many ways as it has instructions.
    except Exception as error:
        raise InputError(f"{path}: not a complete CIFAR-10 batch ({error!r}); fetch it again from {ADDRESS}") from error
    if len(targets) and not 0 <= int(targets.min()) <= int(targets.max()) < len(CLASSES):
        raise InputError(
            f"{path}: labels go from 0 to 9, got {int(targets.min())}..{int(targets.max())}; fetch it again"
        )
    return images, targets


def _read_batches(folder: Path) -> Examples:
    missing = [name for name in BATCHES if not (folder / name).is_file()]
    if missing:
        raise InputError(f"{folder}: {', '.join(missing)} missing; cifar10 needs all six batches of {ADDRESS}")
    read = {name: read_batch(folder / name) for name in BATCHES}
    return Examples(
        name="cifar10",
        task="classification",
        inputs=torch.cat([images for images, _ in read.values()]),
        targets=torch.cat([labels for _, labels in read.values()]),
        ids=tuple(f"{name}/{index}" for name, (_, labels) in read.items() for index in range(len(labels))),
        encoder=ImageEncoder(channels=3, height=32, width=32),
        classes=CLASSES,
        parts=tuple(BATCHES[name] for name, (_, labels) in read.items() for _ in range(len(labels))),
    )
