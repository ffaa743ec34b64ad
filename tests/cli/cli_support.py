"""What tests of the command line share: what a command left, and files to give it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image


class Told(NamedTuple):
    """What a command left: exit code, standard output, standard error."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.err.splitlines()


Assay = Callable[..., Told]


def write_image(path: Path, level: int = 100, size: tuple[int, int] = (8, 6)) -> Path:
    """A grey picture with a gradient, of its own for each level."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = (np.arange(size[0])[:, None] * 3 + np.arange(size[1])[None] + level) % 256
    Image.fromarray(rows.astype(np.uint8)).save(path)
    return path


def write_classes(root: Path, counts: dict[str, int]) -> Path:
    """Class folders of pictures that all differ."""
    for number, (name, count) in enumerate(counts.items()):
        for index in range(count):
            write_image(root / name / f"{index}.png", 100 * number + 2 * index)
    return root
