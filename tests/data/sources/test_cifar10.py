"""Pickled batches through a restricted unpickler, or class folders."""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from assay.data.open import open_data
from assay.data.sources import cifar10
from assay.data.sources.cifar10 import BATCHES, read_batch
from assay.errors import InputError


def write_batch(path: Path, count: int, start: int = 0) -> None:
    pixels = np.zeros((count, 3072), dtype=np.uint8)
    pixels[:, 0] = np.arange(start, start + count)
    pixels[:, 1024] = 200
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        pickle.dump({b"data": pixels, b"labels": [index % 10 for index in range(count)]}, file, protocol=2)


def test_batches_are_read_by_part_with_channels_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSAY_DATA_DIR", str(tmp_path))
    for number, name in enumerate(BATCHES):
        write_batch(tmp_path / "cifar10" / "cifar-10-batches-py" / name, 20, 20 * number)
    data = open_data("cifar10")
    assert [len(split) for split in (data.train, data.validation, data.test)] == [80, 20, 20]
    assert isinstance(data.test.inputs, torch.Tensor)
    assert data.test.inputs[:, 0, 0, 0].tolist() == list(range(100, 120))
    assert data.test.inputs[0, :, 0, 0].tolist() == [100, 200, 0]
    assert data.specification.classes[3] == "cat"


class Thief:
    """Unpickled without care, this would leave a file behind."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return os.system, (f"touch {self.path}",)


def test_a_pickle_that_would_run_code_is_refused_before_it_does(tmp_path: Path) -> None:
    with (tmp_path / "batch").open("wb") as file:
        pickle.dump({b"data": Thief(tmp_path / "stolen")}, file)
    with pytest.raises(InputError, match=r"refused, a CIFAR-10 batch holds arrays only \((posix|nt)\.system"):
        read_batch(tmp_path / "batch")
    assert not (tmp_path / "stolen").exists()


def test_damage_strange_labels_and_missing_batches_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSAY_DATA_DIR", str(tmp_path))
    first = tmp_path / "cifar10" / "data_batch_1"
    write_batch(first, 10)
    with pytest.raises(InputError, match=r"data_batch_2, .*, test_batch missing"):
        open_data("cifar10")
    first.write_bytes(first.read_bytes()[:500])
    with pytest.raises(InputError, match="data_batch_1: "):
        read_batch(first)
    first.write_bytes(pickle.dumps({b"data": np.zeros((2, 3072), dtype=np.uint8), b"labels": [0, 12]}, protocol=2))
    with pytest.raises(InputError, match=r"labels go from 0 to 9, got 0\.\.12"):
        read_batch(first)


def test_a_directory_of_class_folders_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make_folder) -> None:
    monkeypatch.setenv("ASSAY_DATA_DIR", str(tmp_path))
    make_folder(tmp_path / "cifar10", {"cat": 10, "dog": 10})
    data = open_data("cifar10")
    assert (data.name, data.specification.classes) == ("cifar10", ("cat", "dog"))


def test_when_missing_the_error_says_where_it_looked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cifar10, "places_for", lambda name: (Path("data") / name, Path("other") / name))
    with pytest.raises(InputError, match=r"looked in data/cifar10, other/cifar10\..*cifar-10-python\.tar\.gz"):
        open_data("cifar10")


def test_arrays_pickled_by_the_numpy_of_the_original_files_are_read(tmp_path: Path) -> None:
    """The published batches name numpy.core, which NumPy 2 renamed to numpy._core."""
    write_batch(tmp_path / "batch", 3)
    raw = (tmp_path / "batch").read_bytes()
    assert b"cnumpy._core.multiarray\n" in raw
    (tmp_path / "batch").write_bytes(raw.replace(b"cnumpy._core.multiarray\n", b"cnumpy.core.multiarray\n"))
    images, labels = read_batch(tmp_path / "batch")
    assert (images[:, 0, 0, 0].tolist(), labels.tolist()) == ([0, 1, 2], [0, 1, 2])
