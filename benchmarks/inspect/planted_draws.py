"""Data sets drawn at random in which nothing is planted: real pictures and tables, and synthetic ones of many kinds.

Real data have faults of their own. Pictures of CIFAR-10 that are nearly equal (correlation above .85 of 16x16 greys, as
they are or mirrored, moved by up to 2 pixels) and rows of a table that are equal are left out before anything is drawn,
so that a set in which something is found is not called clean for want of looking.

Nothing is wrong with classes of unequal size, with rows or files in order of class, with a column that numbers rows,
with a hundred columns of noise, with rows so coarse that some agree by chance, or with names of files that hold the
name of their class or another word for it: such sets are among the draws.
"""

from __future__ import annotations

import gzip
import io
import os
import zipfile
from functools import cache
from itertools import product
from pathlib import Path

import numpy as np
from PIL import Image
from planted_sets import Arrays, Table
from sklearn import datasets

SHARED = Path(os.environ.get("ASSAY_DATA_DIR", "../shared/data"))
POOL = 3_000
ALIKE = 0.85
PLACES = (8, 28, 32)


def draw_pictures(chance: np.random.Generator, *, divided: bool | None = None, in_files: bool | None = None) -> Arrays:
    """Real pictures of 2 to 10 classes: digits, Fashion-MNIST or CIFAR-10."""
    pool = [_digits, _fashion, _cifar][chance.integers(3)]()
    inputs, labels = _some(chance, *pool, most=700)
    divided, in_files = (bool(chance.integers(2)) if asked is None else asked for asked in (divided, in_files))
    n, size = len(labels), inputs.shape[1]
    ending = chance.choice([".png", ".jpg"]) if size == 32 else ".png"
    if chance.random() < 0.3:
        order = np.argsort(labels, kind="stable")
        inputs, labels = inputs[order], labels[order]
    return Arrays(
        "pictures", inputs, labels, _parts(chance, labels) if divided else None, in_files,
        names=tuple(_names(chance, labels)), endings=(str(ending),) * n, sizes=((size, size),) * n,
    )  # fmt: skip


def draw_vectors(chance: np.random.Generator, *, divided: bool | None = None) -> Arrays:
    """Vectors of normal, skewed and whole numbers with a class each, in an array."""
    n, width, kinds = int(chance.integers(250, 1_500)), int(chance.integers(3, 25)), int(chance.integers(2, 7))
    labels = _labels(chance, n, kinds)
    centres = chance.normal(0, 0.7, (kinds, width))
    inputs = centres[labels] + chance.normal(0, 1, (n, width))
    for column in range(width):
        shape = chance.integers(3)
        inputs[:, column] = np.exp(inputs[:, column]) if shape == 0 else inputs[:, column] * 10 ** chance.uniform(-2, 3)
    divided = bool(chance.integers(2)) if divided is None else divided
    parts = _parts(chance, labels) if divided else None
    return Arrays("vectors", inputs.astype(np.float32), labels, parts)


def draw_signals(chance: np.random.Generator, *, divided: bool | None = None) -> Arrays:
    """Waves of one frequency a class, at random in phase and loudness, in noise, over one to four channels."""
    n, kinds = int(chance.integers(250, 800)), int(chance.integers(2, 6))
    channels, length = int(chance.integers(1, 5)), int(chance.choice([32, 64, 128]))
    labels = _labels(chance, n, kinds)
    time = np.arange(length) / length
    frequencies = chance.uniform(2, length / 4, kinds)[labels]
    phases, loud = chance.uniform(0, 2 * np.pi, (n, channels, 1)), chance.lognormal(0, 0.3, (n, channels, 1))
    waves = loud * np.sin(2 * np.pi * frequencies[:, None, None] * time + phases)
    inputs = (
        waves + chance.normal(0, chance.uniform(0.2, 1), (n, channels, length)) + chance.normal(0, 1, channels)[:, None]
    )
    divided = bool(chance.integers(2)) if divided is None else divided
    parts = _parts(chance, labels) if divided else None
    return Arrays("signals", inputs.astype(np.float32), labels, parts)


def draw_table(chance: np.random.Generator) -> Table:
    """A table that scikit-learn brings, or a synthetic one with columns of all kinds."""
    real = [datasets.load_wine, datasets.load_breast_cancer, datasets.load_diabetes, datasets.load_iris]
    choice = int(chance.integers(2 * len(real)))
    return _real_table(chance, real[choice]()) if choice < len(real) else _synthetic_table(chance)


def _real_table(chance: np.random.Generator, bunch: datasets.base.Bunch) -> Table:  # pyright: ignore
    values = bunch.data[np.sort(np.unique(bunch.data, axis=0, return_index=True)[1])]
    places = {tuple(row): target for row, target in zip(bunch.data.tolist(), bunch.target.tolist(), strict=True)}
    targets = np.array([places[tuple(row)] for row in values.tolist()])
    if "target_names" in bunch:
        targets = np.array([str(name) for name in bunch.target_names])[targets]
    order = chance.permutation(len(values))
    columns = {str(name): values[order, place] for place, name in enumerate(bunch.feature_names)}
    return Table({**columns, "target": targets[order]}, "target")


def _synthetic_table(chance: np.random.Generator) -> Table:
    """Columns of measurements, skewed amounts, counts, words and yes or no; a target that some of them tell in part."""
    n = int(chance.integers(250, 2_000))
    columns = dict[str, np.ndarray]()
    hidden = chance.normal(0, 1, n)
    is_coarse, is_wide = chance.random() < 0.15, chance.random() < 0.15
    for number in range(int(chance.integers(60, 150) if is_wide else chance.integers(4, 8 if is_coarse else 16))):
        base = hidden * chance.uniform(0, 0.8) + chance.normal(0, 1, n)
        columns[f"{chance.choice(WORDS)}_{number}"] = _column(chance, base, coarse=is_coarse and not is_wide)
    if not is_coarse or is_wide:
        columns["reading"] = hidden * 0.5 + chance.normal(0, 1, n)
    if chance.random() < 0.2:
        columns["id"] = chance.permutation(n) + 10_000
    outcome = hidden + chance.normal(0, chance.uniform(0.3, 1.5), n)
    if chance.random() < 0.4:
        return _in_order(chance, Table({**columns, "outcome": np.round(50 + 20 * outcome, 3)}, "outcome"))
    kinds = int(chance.integers(2, 6))
    cuts = np.quantile(outcome, np.sort(chance.uniform(0.1, 0.9, kinds - 1)) if kinds == 2 else _even(kinds))
    names = np.array([f"kind {letter}" for letter in "abcdef"])
    return _in_order(chance, Table({**columns, "outcome": names[np.searchsorted(cuts, outcome)]}, "outcome"))


def _in_order(chance: np.random.Generator, table: Table) -> Table:
    """At times in order of the target, or of another column."""
    if chance.random() < 0.7:
        return table
    by = table.target if chance.random() < 0.5 else str(chance.choice(sorted(table.inputs)))
    return table.take(np.argsort(table.columns[by], kind="stable"))


def _labels(chance: np.random.Generator, n: int, kinds: int) -> np.ndarray:
    """Classes of which the largest has up to eight times the examples of the smallest; at times in order."""
    shares = chance.uniform(1, chance.choice([1.0001, 8]), kinds)
    labels = chance.choice(kinds, n, p=shares / shares.sum())
    return np.sort(labels) if chance.random() < 0.2 else labels


def _column(chance: np.random.Generator, base: np.ndarray, *, coarse: bool = False) -> np.ndarray:
    kind = int(chance.integers(2, 5) if coarse else chance.integers(5))
    if kind == 0:
        return np.round(base * 10 ** chance.uniform(-1, 3) + 100, 4)
    if kind == 1:
        return np.round(np.exp(base), 4)
    if kind == 2:
        return chance.poisson(np.exp(base * 0.3 + 1))
    if kind == 3:
        return np.array(["red", "green", "blue", "black", "white"])[np.clip(base + 2, 0, 4).astype(int)]
    return np.array(["no", "yes"])[(base > 0.5).astype(int)]


WORDS = ("length", "weight", "income", "visits", "level", "rate", "dose", "pressure", "height", "speed", "load")


def _even(kinds: int) -> np.ndarray:
    return np.arange(1, kinds) / kinds


def _some(
    chance: np.random.Generator, inputs: np.ndarray, labels: np.ndarray, most: int
) -> tuple[np.ndarray, np.ndarray]:
    """Some examples of some of the classes, in random order."""
    kinds = chance.choice(10, int(chance.integers(2, 11)), replace=False)
    rows = np.flatnonzero(np.isin(labels, kinds))
    rows = chance.choice(rows, min(len(rows), int(chance.integers(300, most + 1))), replace=False)
    return inputs[rows], labels[rows]


def _parts(chance: np.random.Generator, labels: np.ndarray) -> tuple[str, ...]:
    """Train, validation and test, or train and test, by lot within each class."""
    n, three = len(labels), bool(chance.integers(2))
    shares = (0.6, 0.2) if three else (0.75, 0.0)
    place = np.empty(n)
    for kind in np.unique(labels):
        rows = np.flatnonzero(labels == kind)
        place[rows] = (chance.permutation(len(rows)) + 0.5) / len(rows)
    return tuple("train" if at < shares[0] else "validation" if at < sum(shares) else "test" for at in place)


def _names(chance: np.random.Generator, labels: np.ndarray) -> list[str]:
    """File names as they are found: numbers, a camera's word, letters by chance, the class, or its code."""
    style, n = int(chance.integers(5)), len(labels)
    if style == 3:
        return [f"class-{label}-{number:04d}" for number, label in enumerate(labels.tolist())]
    if style == 4:
        codes = [f"n{code}" for code in chance.choice(10**7, 10, replace=False) + 10**7]
        return [f"{codes[label]}_{number}" for number, label in enumerate(labels.tolist())]
    if style == 0:
        return [f"{number:05d}" for number in range(n)]
    if style == 1:
        return [f"IMG_{number:04d}" for number in chance.permutation(n) + 1000]
    return [chance.bytes(6).hex() for _ in range(n)]


@cache
def _digits() -> tuple[np.ndarray, np.ndarray]:
    digits = datasets.load_digits()
    return (digits.images * 15.9375).astype(np.uint8)[..., None], digits.target


@cache
def _fashion() -> tuple[np.ndarray, np.ndarray]:
    """The test images of Fashion-MNIST."""
    folder = SHARED / "fashion-mnist"
    arrays = []
    for name, skipped in (("t10k-images-idx3-ubyte", 16), ("t10k-labels-idx1-ubyte", 8)):
        path = folder / name
        content = path.read_bytes() if path.exists() else gzip.decompress(path.with_name(f"{name}.gz").read_bytes())
        arrays.append(np.frombuffer(content, np.uint8)[skipped:])
    return arrays[0].reshape(-1, 28, 28, 1)[:POOL], arrays[1][:POOL].astype(np.int64)


@cache
def _cifar() -> tuple[np.ndarray, np.ndarray]:
    """Training images of CIFAR-10, equally many of each class, none nearly equal to another."""
    with zipfile.ZipFile(SHARED / "cifar10-jpeg.zip") as archive:
        names = sorted(name for name in archive.namelist() if name.startswith("train/") and name.endswith(".jpg"))
        kinds = sorted({name.split("/")[1] for name in names})
        chosen = [name for kind in kinds for name in [n for n in names if n.split("/")[1] == kind][: POOL // 10]]
        inputs = np.stack([np.asarray(Image.open(io.BytesIO(archive.read(name))).convert("RGB")) for name in chosen])
    labels = np.array([kinds.index(name.split("/")[1]) for name in chosen])
    kept = _unlike(inputs)
    return inputs[kept], labels[kept]


def _unlike(pictures: np.ndarray) -> np.ndarray:
    """All but those that correlate above the limit with an earlier one, mirrored or not, moved by up to 2 pixels."""
    grey = pictures.mean(3).reshape(len(pictures), 16, 2, 16, 2).mean((2, 4))
    middle = _of_length_one(grey[:, 1:-1, 1:-1])
    like = np.zeros((len(grey), len(grey)), dtype=bool)
    for down, right in product(range(3), repeat=2):
        moved = grey[:, down : down + 14, right : right + 14]
        for view in (moved, moved[:, :, ::-1]):
            like |= middle @ _of_length_one(view).T > ALIKE
    return np.flatnonzero(~np.tril(like | like.T, -1).any(1))


def _of_length_one(views: np.ndarray) -> np.ndarray:
    flat = views.reshape(len(views), -1).astype(np.float32)
    flat = flat - flat.mean(1, keepdims=True)
    return flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-9)
