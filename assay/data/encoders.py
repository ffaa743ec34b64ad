"""From one raw item (an image file, a table's rows, an array) to the tensor a split holds.

An encoder is a frozen value that travels with the model, so prediction reads new files exactly as
training did and refuses what does not fit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from assay.errors import InputError


@dataclass(frozen=True)
class ImageEncoder:
    """Image file -> (channels, height, width) bytes.

    resize: scale files of another size to this one; without it another size is refused.
    """

    channels: int
    height: int
    width: int
    resize: bool = False

    def read(self, path: Path) -> Tensor:
        """Decode one file.

        Raises:
            InputError: unreadable, truncated, or of another size while `resize` is off.
        """
        from assay.data.images import decode_image

        return decode_image(path, channels=self.channels, size=(self.height, self.width), resize=self.resize)


@dataclass(frozen=True)
class Column:
    """One input column of a table: a number (one feature) or a category (one feature a value)."""

    name: str
    categories: tuple[str, ...] = ()
    fill: float | str | None = None

    @property
    def is_number(self) -> bool:
        return not self.categories


@dataclass(frozen=True)
class TableEncoder:
    """Rows of a CSV or Parquet file -> float features: numbers as they are, categories one-hot."""

    columns: tuple[Column, ...]

    def read(self, path: Path) -> Tensor:
        """(rows, features) of a file that has these columns (a target column is ignored).

        Raises:
            InputError: a column is missing, a cell is missing or does not parse, a category is new.
        """
        from assay.data.sources.table import encode_rows, read_table

        return encode_rows(read_table(path), self.columns, where=str(path))


@dataclass(frozen=True)
class ArrayEncoder:
    """An array of examples, first dimension = examples, the rest = `shape`."""

    shape: tuple[int, ...]

    def read(self, path: Path) -> Tensor:
        """(n, *shape) from the array `inputs` (or `x`, or the only array) of an .npz or .npy file.

        Raises:
            InputError: no such array, or its examples have another shape.
        """
        from assay.data.sources.arrays import read_inputs

        inputs = read_inputs(path)
        if tuple(inputs.shape[1:]) != self.shape:
            found, wanted = tuple(inputs.shape[1:]), self.shape
            raise InputError(f"{path}: each example must have shape {wanted}, got {found}")
        return inputs


Encoder = ImageEncoder | TableEncoder | ArrayEncoder


def encoder_to_dict(encoder: Encoder) -> dict[str, Any]:
    """Plain JSON values, with the encoder's kind by name."""
    return {"kind": type(encoder).__name__, **asdict(encoder)}


def encoder_from_dict(values: Mapping[str, Any]) -> Encoder:
    """Inverse of `encoder_to_dict`."""
    fields = {name: value for name, value in values.items() if name != "kind"}
    if values["kind"] == "ImageEncoder":
        return ImageEncoder(**fields)
    if values["kind"] == "ArrayEncoder":
        return ArrayEncoder(shape=tuple(fields["shape"]))
    columns = (Column(**{**column, "categories": tuple(column["categories"])}) for column in fields["columns"])
    return TableEncoder(columns=tuple(columns))


def as_batch(encoder: Encoder, path: Path) -> Tensor:
    """What `encoder` reads from `path`, always with a leading example dimension."""
    values = encoder.read(path)
    return values.unsqueeze(0) if isinstance(encoder, ImageEncoder) else torch.as_tensor(values)
