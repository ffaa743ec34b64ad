"""Fashion-MNIST: 60,000 + 10,000 grey images of clothes, 28x28, ten classes, from local IDX files.

Source: Xiao, Rasul and Vollgraf 2017 (arXiv:1708.07747); MIT licence.
"""

from __future__ import annotations

import gzip
import os
import struct
import urllib.request
import zlib
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from assay.data.encoders import ImageEncoder
from assay.data.examples import Examples, Options
from assay.data.sources.places import cache_folder, describe, places_for
from assay.errors import InputError

ADDRESS = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com"
CLASSES = (
    "t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot",
)  # fmt: skip
FILES = {"train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
         "test": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")}  # fmt: skip


def read_fashion_mnist(options: Options) -> Examples:
    """Both parts as (n, 1, 28, 28) bytes.

    Raises:
        InputError: the files are nowhere to be found, or damaged.
    """
    options.refuse("fashion-mnist", "target", "group", "size", "skip_bad", "impute")
    folder = _find_folder()
    inputs, targets, ids, parts = list[Tensor](), list[Tensor](), list[str](), list[str]()
    for part, (images_name, labels_name) in FILES.items():
        images, labels = read_idx(_file(folder, images_name)), read_idx(_file(folder, labels_name))
        _check(folder, images, labels)
        inputs.append(images.unsqueeze(1))
        targets.append(labels.to(torch.int64))
        ids += [f"{part}/{index}" for index in range(len(labels))]
        parts += [part] * len(labels)
    _, _, height, width = inputs[0].shape
    return Examples(
        name="fashion-mnist",
        task="classification",
        inputs=torch.cat(inputs),
        targets=torch.cat(targets),
        ids=tuple(ids),
        encoder=ImageEncoder(channels=1, height=height, width=width),
        classes=CLASSES,
        parts=tuple(parts),
    )


def read_idx(path: Path) -> Tensor:
    """The byte array of an IDX file, plain or gzipped.

        0x0000, type (8 = unsigned byte), number of dimensions, each size as 4 bytes, then the bytes

    Raises:
        InputError: the file is cut short, or not IDX of bytes.
    """
    try:
        raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path}: unreadable or truncated ({error}); fetch the file again") from error
    if len(raw) < 4 or raw[:3] != b"\x00\x00\x08" or len(raw) < 4 + 4 * raw[3]:
        raise InputError(f"{path}: not an IDX file of bytes (it starts with {raw[:4].hex()!r}); fetch the file again")
    shape = struct.unpack(f">{raw[3]}I", raw[4 : 4 + 4 * raw[3]])
    body = np.frombuffer(raw, dtype=np.uint8, offset=4 + 4 * raw[3])
    if body.size != int(np.prod(shape)):
        raise InputError(f"{path}: holds {body.size} bytes, its header promises {shape}; fetch the file again")
    return torch.from_numpy(body.reshape(shape).copy())


def download_fashion_mnist(folder: Path, *, address: str = ADDRESS) -> None:
    """Fetch the four files into `folder`; each appears under its name only when it is complete.

    Raises:
        InputError: the address does not answer.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in (name for names in FILES.values() for name in names):
        partial = folder / f"{name}.gz.part"
        try:
            with urllib.request.urlopen(f"{address}/{name}.gz", timeout=60) as answer:
                partial.write_bytes(answer.read())
            start = gzip.decompress(partial.read_bytes())[:3]
        except (OSError, EOFError, zlib.error) as error:
            partial.unlink(missing_ok=True)
            raise InputError(
                f"{address}/{name}.gz: download failed ({error}); try again or fetch it by hand"
            ) from error
        if start != b"\x00\x00\x08":
            partial.unlink()
            raise InputError(f"{address}/{name}.gz: the answer is not an IDX file; check the address")
        partial.rename(folder / f"{name}.gz")


def _find_folder() -> Path:
    places = places_for("fashion-mnist")
    for place in places:
        if (place / FILES["train"][0]).is_file() or (place / f"{FILES['train'][0]}.gz").is_file():
            return place
    if os.environ.get("ASSAY_DOWNLOAD") == "1":
        download_fashion_mnist(places[-1])
        return places[-1]
    raise InputError(
        f"fashion-mnist is not on this machine; looked in {describe(places)}. Install Debian's package "
        f"dataset-fashion-mnist, or put the four IDX files of {ADDRESS} into {cache_folder() / 'fashion-mnist'} "
        "(ASSAY_DOWNLOAD=1 does that), or name another directory with ASSAY_DATA_DIR"
    )


def _file(folder: Path, name: str) -> Path:
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_file():
            return path
    raise InputError(f"{folder}: {name} (or {name}.gz) is missing; fashion-mnist needs all four IDX files")


def _check(folder: Path, images: Tensor, labels: Tensor) -> None:
    if images.dim() != 3 or labels.dim() != 1 or len(images) != len(labels):
        raise InputError(
            f"{folder}: images {tuple(images.shape)} and labels {tuple(labels.shape)} do not belong together; "
            "fetch the files again"
        )
    if len(labels) and int(labels.max()) >= len(CLASSES):
        raise InputError(
            f"{folder}: label {int(labels.max())} is unknown, labels go from 0 to 9; fetch the files again"
        )
