"""Members of three kinds, and their out-of-fold probabilities on data with planted noise, kept in a folder.

mixed: logistic regression, nearest neighbours, a small network and a forest of extra trees, as they come.
alike: four forests, each on its own random quarter of the pixels: none is better by design.
one far stronger: the forest of `mixed` beside three models that see three principal components.
"""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from planted_noise import NOISES
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from assay.audit.labels.out_of_fold import out_of_fold

RATES = (0.1, 0.4)
COMPONENTS, QUARTER_COMPONENTS, FEW_COMPONENTS = 40, 12, 3
POOLS = {
    "mixed": ("logistic regression", "nearest neighbours", "network", "forest"),
    "alike": ("forest of quarter 1", "forest of quarter 2", "forest of quarter 3", "forest of quarter 4"),
    "one far stronger": ("forest", "weak logistic regression", "weak nearest neighbours", "weak forest"),
}

Factory = Callable[[], Any]


def read_digits(count: int) -> tuple[np.ndarray, np.ndarray]:
    """All 1,797 of scikit-learn."""
    digits = load_digits()
    return digits.data / 16.0, digits.target


def read_fashion(count: int) -> tuple[np.ndarray, np.ndarray]:
    """The first training images of Fashion-MNIST, which stand in random order."""
    folder = Path(os.environ.get("ASSAY_DATA_DIR", "../shared/data")) / "fashion-mnist"
    images = np.frombuffer(gzip.decompress((folder / "train-images-idx3-ubyte.gz").read_bytes()), np.uint8, offset=16)
    labels = np.frombuffer(gzip.decompress((folder / "train-labels-idx1-ubyte.gz").read_bytes()), np.uint8, offset=8)
    return images.reshape(len(labels), -1)[:count] / 255.0, labels[:count].astype(np.int64)


SETS = {"digits": read_digits, "fashion-mnist": read_fashion}


def probabilities_of(
    data_set: str, noise: str, rate: float, seed: int, *, images: int, folder: Path
) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
    """Members' out-of-fold probabilities, the labels they were given, and the true ones; computed once."""
    name = f"{data_set}-{noise}-{rate}-{seed}-{images}.npz".replace(" ", "-")
    if not (folder / name).exists():
        pixels, labels = SETS[data_set](images)
        features = PCA(COMPONENTS, random_state=0).fit_transform(pixels)
        given = NOISES[noise](StandardScaler().fit_transform(features), labels, rate, seed)
        columns, members = _columns_and_members(pixels, features, seed)
        found = {
            member: out_of_fold({member: factory}, columns[member], given, classes=10, seed=seed)[member]
            for member, factory in members.items()
        }
        folder.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(folder / name, given=given, labels=labels, **found)
    kept = dict(np.load(folder / name))
    return {key: kept[key] for key in kept if key not in ("given", "labels")}, kept["given"], kept["labels"]


def _columns_and_members(
    pixels: np.ndarray, features: np.ndarray, seed: int
) -> tuple[dict[str, np.ndarray], dict[str, Factory]]:
    """What each member sees, and how it is made."""
    members: dict[str, Factory] = {
        "logistic regression": lambda: make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=300)),
        "nearest neighbours": lambda: KNeighborsClassifier(15),
        "network": lambda: make_pipeline(StandardScaler(), MLPClassifier(
            (64,), alpha=1e-2, early_stopping=True, n_iter_no_change=5, random_state=seed)),
        "forest": lambda: ExtraTreesClassifier(80, min_samples_leaf=2, random_state=seed),
        "weak logistic regression": lambda: LogisticRegression(max_iter=300),
        "weak nearest neighbours": lambda: KNeighborsClassifier(15),
        "weak forest": lambda: ExtraTreesClassifier(30, min_samples_leaf=5, random_state=seed),
    }  # fmt: skip
    columns = {name: features[:, :FEW_COMPONENTS] if name.startswith("weak") else features for name in members}
    order = np.random.default_rng((seed, zlib.crc32(b"quarters"))).permutation(pixels.shape[1])
    for place, quarter in enumerate(np.array_split(order, 4), start=1):
        name = f"forest of quarter {place}"
        columns[name] = PCA(QUARTER_COMPONENTS, random_state=0).fit_transform(pixels[:, quarter])
        members[name] = lambda place=place: ExtraTreesClassifier(40, min_samples_leaf=2, random_state=seed + place)
    return columns, members
