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

from assay.data.reading.column import Column
from assay.errors import InputError

ARRAY_SUFFIXES = frozenset({".npz", ".npy"})
TABLE_SUFFIXES = frozenset({".csv", ".tsv", ".parquet", ".pq"})


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
        from assay.data.reading.images import decode_image

        return decode_image(path, channels=self.channels, size=(self.height, self.width), resize=self.resize)


@dataclass(frozen=True)
class TableEncoder:
    """Rows of a CSV or Parquet file -> float features: numbers as they are, categories one-hot."""

    columns: tuple[Column, ...]

    def read(self, path: Path) -> Tensor:
        """(rows, features) of a file that has these columns (a target column is ignored).

        Raises:
            InputError: a column is missing, a cell is missing or does not parse, a category is new.
        """
        from assay.data.reading.table import encode_rows, read_table

        return encode_rows(read_table(path), self.columns, where=str(path))


@dataclass(frozen=True)
class ArrayEncoder:
    """An array of examples, first dimension = examples, the rest = `shape`.

    fill: what stands in for missing or infinite cells of each feature of a vector; without it they
        are refused.
    """

    shape: tuple[int, ...]
    fill: tuple[float, ...] = ()

    def read(self, path: Path) -> Tensor:
        """(n, *shape) from the array `inputs` (or `x`, or the only array) of an .npz or .npy file.

        Raises:
            InputError: no such array, its examples have another shape, or cells are missing.
        """
        from assay.data.reading.arrays import check_finite, read_inputs

        inputs = read_inputs(path)
        check_shape(path, inputs, self.shape)
        check_finite(inputs, str(path), impute=bool(self.fill))
        inputs = inputs.to(torch.float32)
        return torch.where(inputs.isfinite(), inputs, torch.tensor(self.fill)) if self.fill else inputs


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
        return ArrayEncoder(shape=tuple(fields["shape"]), fill=tuple(fields["fill"]))
    columns = (Column(**{**column, "categories": tuple(column["categories"])}) for column in fields["columns"])
    return TableEncoder(columns=tuple(columns))


def as_batch(encoder: Encoder, path: Path) -> Tensor:
    """What `encoder` reads from `path`, always with a leading example dimension.

    A model of images also takes arrays of byte images.

    Raises:
        InputError: the file is of another kind or shape than the model was trained on.
    """
    path = Path(path)
    kinds = {ImageEncoder: ("an image", _is_image), TableEncoder: ("a CSV or Parquet table", _is_table)}
    if isinstance(encoder, ArrayEncoder) or (isinstance(encoder, ImageEncoder) and _is_array(path)):
        if not _is_array(path):
            raise InputError(f"{path}: this model reads .npz or .npy arrays, got {path.suffix or 'no suffix'}; "
                             "save the examples so")  # fmt: skip
        return encoder.read(path) if isinstance(encoder, ArrayEncoder) else _byte_images(encoder, path)
    wanted, fits = kinds[type(encoder)]
    if not fits(path):
        raise InputError(
            f"{path}: this model reads {wanted}, got a file with {path.suffix or 'no suffix'}; give one such"
        )
    values = encoder.read(path)
    return values.unsqueeze(0) if isinstance(encoder, ImageEncoder) else values


def check_shape(path: Path, inputs: Tensor, wanted: tuple[int, ...]) -> None:
    """Refuse examples of another shape, saying both.

    Raises:
        InputError: names the file and both shapes.
    """
    found = tuple(inputs.shape[1:])
    if found != wanted:
        raise InputError(
            f"{path}: each example must have shape {wanted}, got {found}; give data like the training data"
        )


def _byte_images(encoder: ImageEncoder, path: Path) -> Tensor:
    from assay.data.reading.arrays import read_inputs

    inputs = read_inputs(path)
    check_shape(path, inputs, (encoder.channels, encoder.height, encoder.width))
    if inputs.dtype != torch.uint8:
        raise InputError(f"{path}: images must be whole numbers from 0 to 255, got {inputs.dtype}; save them as uint8")
    return inputs


def _is_array(path: Path) -> bool:
    return path.suffix.lower() in ARRAY_SUFFIXES


def _is_image(path: Path) -> bool:
    from assay.data.reading.images import SUFFIXES

    return path.suffix.lower() in SUFFIXES


def _is_table(path: Path) -> bool:
    return path.suffix.lower() in TABLE_SUFFIXES
