"""Small data of each kind that the commands read, with a recipe for it, to give every rule's command to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from assay.advice.asked import AskedData
from assay.data.data import Data
from assay.data.open import open_data
from assay.defaults import default_recipe
from assay.recipe import Recipe

KINDS = ("images", "images and numbers", "table", "table of numbers", "signals", "vectors")


@dataclass(frozen=True, eq=False)
class Kind:
    """Data of one kind, as a command names them, and the recipe that it has by default."""

    asked: AskedData
    data: Data
    recipe: Recipe


def make_kind(name: str, folder: Path) -> Kind:
    """Write the data there and open them."""
    asked = AskedData(str(_write(name, folder)), target="target" if name.startswith("table") else None)
    data = open_data(asked.source, target=asked.target)
    return Kind(asked, data, default_recipe(data.specification, len(data.train)))


def _write(name: str, folder: Path) -> Path:
    random = np.random.default_rng(500)
    classes = np.array(["a", "b"])[random.integers(0, 2, 120)]
    targets = random.normal(size=120) if "numbers" in name else classes
    if name.startswith("table"):
        columns = {f"column_{n}": random.normal(size=120) for n in range(4)}
        path = folder / "table.csv"
        pl.DataFrame({**columns, "target": targets}).write_csv(path)
        return path
    shape = {"signals": (1, 1, 32), "vectors": (12,)}.get(name, (1, 12, 12))
    path = folder / "arrays.npz"
    np.savez(path, x=random.normal(size=(120, *shape)).astype("float32"), y=targets)
    return path
