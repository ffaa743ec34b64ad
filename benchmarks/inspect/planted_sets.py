"""Small data sets that can be changed and written down as users keep them: folders of pictures, arrays, tables.

`parts` says which split each example was given to by the source; None leaves the division to Assay.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

PARTS = {"train": "train", "validation": "val", "test": "test"}


@dataclass(frozen=True, eq=False)
class Arrays:
    """Pictures (n, height, width, channels) as bytes, signals (n, channels, length) or vectors (n, features).

    kind: `pictures`, `signals` or `vectors`.
    in_files: pictures go to a file each, in class folders; else all go to one .npz file.
    names: the file name of each picture, without its ending; endings: that ending.
    sizes: (height, width) in which each picture is saved.
    spoilt: what stands in a file instead of its picture.
    """

    kind: str
    inputs: np.ndarray
    labels: np.ndarray
    parts: tuple[str, ...] | None
    in_files: bool = False
    names: tuple[str, ...] = ()
    endings: tuple[str, ...] = ()
    sizes: tuple[tuple[int, int], ...] = ()
    spoilt: Mapping[int, bytes] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def classes(self) -> np.ndarray:
        return np.unique(self.labels)

    def rows(self, part: str) -> np.ndarray:
        """Places of the examples of one part; of an undivided set, all."""
        return np.arange(len(self)) if self.parts is None else np.flatnonzero(np.array(self.parts) == part)

    def take(self, rows: np.ndarray) -> Arrays:
        """These examples, in this order."""
        chosen = rows.tolist()
        return replace(
            self,
            inputs=self.inputs[rows],
            labels=self.labels[rows],
            parts=None if self.parts is None else tuple(self.parts[row] for row in chosen),
            names=tuple(self.names[row] for row in chosen) if self.names else (),
            endings=tuple(self.endings[row] for row in chosen) if self.endings else (),
            sizes=tuple(self.sizes[row] for row in chosen) if self.sizes else (),
        )

    def added(self, inputs: np.ndarray, labels: np.ndarray, part: str) -> Arrays:
        """Further examples at the end, with file names of their own."""
        n, first = len(labels), len(self)
        return replace(
            self,
            inputs=np.concatenate([self.inputs, inputs.astype(self.inputs.dtype)]),
            labels=np.concatenate([self.labels, labels]),
            parts=None if self.parts is None else (*self.parts, *[part] * n),
            names=(*self.names, *(f"{number:05d}" for number in range(first, first + n))) if self.names else (),
            endings=(*self.endings, *[self.endings[0]] * n) if self.endings else (),
            sizes=(*self.sizes, *[self.sizes[0]] * n) if self.sizes else (),
        )

    def write(self, folder: Path) -> tuple[Path, dict[str, Any]]:
        """Where it lies then, and the options it is to be opened with."""
        return self._write_files(folder) if self.in_files else self._write_arrays(folder)

    def _write_arrays(self, folder: Path) -> tuple[Path, dict[str, Any]]:
        # A signal in an array is an image of one row (`Specification.is_signal`).
        rows_of_one = self.inputs[:, :, None] if self.kind == "signals" else self.inputs
        inputs = self.inputs.transpose(0, 3, 1, 2) if self.kind == "pictures" else rows_of_one
        chosen = {""} if self.parts is None else sorted(set(self.parts))
        rows = {part: self.rows(part) for part in chosen}
        suffix = {part: f"_{PARTS[part]}" if part else "" for part in chosen}
        arrays = {f"x{suffix[part]}": inputs[rows[part]] for part in chosen}
        arrays |= {f"y{suffix[part]}": self.labels[rows[part]] for part in chosen}
        np.savez(folder / "data.npz", **arrays)
        return folder / "data.npz", {}

    def _write_files(self, folder: Path) -> tuple[Path, dict[str, Any]]:
        for row in range(len(self)):
            above = "" if self.parts is None else PARTS[self.parts[row]]
            path = folder / above / f"class-{self.labels[row]}" / f"{self.names[row]}{self.endings[row]}"
            path.parent.mkdir(parents=True, exist_ok=True)
            content = self.spoilt.get(row)
            path.write_bytes(
                encode(self.inputs[row], self.endings[row], self.sizes[row]) if content is None else content
            )
        options = {"size": tuple(self.inputs.shape[1:3])} if len(set(self.sizes)) > 1 else {}
        return folder, {"skip_bad": True, **options}


@dataclass(frozen=True, eq=False)
class Table:
    """Columns of equal length, one of which is the target; division is left to Assay."""

    columns: Mapping[str, np.ndarray]
    target: str
    kind: str = "table"
    parts: None = None

    def __len__(self) -> int:
        return len(self.columns[self.target])

    @property
    def labels(self) -> np.ndarray:
        return self.columns[self.target]

    @property
    def is_classification(self) -> bool:
        return self.labels.dtype.kind != "f"

    @property
    def inputs(self) -> dict[str, np.ndarray]:
        return {name: values for name, values in self.columns.items() if name != self.target}

    def take(self, rows: np.ndarray) -> Table:
        """These rows, in this order."""
        return replace(self, columns={name: values[rows] for name, values in self.columns.items()})

    def with_column(self, name: str, values: np.ndarray) -> Table:
        """A column more, or another in its place."""
        return replace(self, columns={**self.columns, name: values})

    def write(self, folder: Path) -> tuple[Path, dict[str, Any]]:
        """Where it lies then, and the options it is to be opened with."""
        with (folder / "data.csv").open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(self.columns)
            writer.writerows(zip(*map(_cells, self.columns.values()), strict=True))
        return folder / "data.csv", {"target": self.target, "impute": True}


def encode(picture: np.ndarray, ending: str, size: tuple[int, int], quality: int = 95) -> bytes:
    """A picture as the bytes of a file."""
    image = Image.fromarray(picture[:, :, 0] if picture.shape[2] == 1 else picture)
    if size != picture.shape[:2]:
        image = image.resize((size[1], size[0]), Image.Resampling.BICUBIC)
    buffer = io.BytesIO()
    image.save(buffer, "PNG" if ending == ".png" else "JPEG", **({} if ending == ".png" else {"quality": quality}))
    return buffer.getvalue()


def _cells(values: np.ndarray) -> Iterable[str]:
    """As people write them: missing ones empty, numbers as short as they can be."""
    return ("" if value != value else repr(value) if isinstance(value, float) else str(value)
            for value in values.tolist())  # fmt: skip
