"""IDX files: plain and gzipped, where they are looked for, and how damage is named."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest
import torch

from assay.data.open import open_data
from assay.data.sources import fashion_mnist, places
from assay.data.sources.fashion_mnist import CLASSES, FILES, download_fashion_mnist, read_idx
from assay.errors import InputError


def idx_bytes(array: np.ndarray) -> bytes:
    return struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.tobytes()


def write_set(folder: Path, *, packed: bool = False, train: int = 60, test: int = 20) -> Path:
    """A small set whose images are constant: the example's number."""
    folder.mkdir(parents=True, exist_ok=True)
    for part, count in (("train", train), ("test", test)):
        images = np.broadcast_to(np.arange(count, dtype=np.uint8)[:, None, None], (count, 28, 28))
        labels = (np.arange(count) % 10).astype(np.uint8)
        for name, array in zip(FILES[part], (images, labels), strict=True):
            raw = idx_bytes(np.ascontiguousarray(array))
            (folder / (f"{name}.gz" if packed else name)).write_bytes(gzip.compress(raw) if packed else raw)
    return folder


@pytest.mark.parametrize("packed", [False, True])
def test_source_parts_are_kept_and_validation_is_carved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packed: bool
) -> None:
    write_set(tmp_path / "sets" / "fashion-mnist", packed=packed)
    monkeypatch.setenv("ASSAY_DATA_DIR", str(tmp_path / "sets"))
    data = open_data("fashion-mnist")
    assert [len(split) for split in (data.train, data.validation, data.test)] == [48, 12, 20]
    assert data.test.ids == tuple(f"test/{index}" for index in range(20))
    assert data.specification.classes == CLASSES
    assert isinstance(data.test.inputs, torch.Tensor)
    assert data.test.inputs[:, 0, 0, 0].tolist() == list(range(20))
    assert data.test.targets.tolist() == [index % 10 for index in range(20)]


def test_the_working_directory_is_looked_in(tmp_path: Path) -> None:
    write_set(Path("data/fashion-mnist"))
    assert len(open_data("fashion-mnist").test) == 20


def test_when_missing_the_error_says_where_it_looked_and_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fashion_mnist, "places_for", lambda name: (Path("data") / name,))
    with pytest.raises(InputError) as caught:
        open_data("fashion-mnist")
    for part in ("looked in data/fashion-mnist", "dataset-fashion-mnist", "http://fashion-mnist", "ASSAY_DATA_DIR"):
        assert part in str(caught.value)


def test_places_come_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSAY_DATA_DIR", "/chosen")
    assert [str(place) for place in places.places_for("x")] == [
        "/chosen/x",
        "data/x",
        "/usr/share/datasets/x",
        str(tmp_path / "cache" / "assay" / "x"),
    ]


def test_damaged_files_are_named(tmp_path: Path) -> None:
    good = idx_bytes(np.zeros((2, 3), dtype=np.uint8))
    (tmp_path / "short").write_bytes(good[:-1])
    with pytest.raises(InputError, match=r"short: holds 5 bytes, its header promises \(2, 3\)"):
        read_idx(tmp_path / "short")
    (tmp_path / "other").write_bytes(b"PNG.....")
    with pytest.raises(InputError, match="other: not an IDX file of bytes"):
        read_idx(tmp_path / "other")
    (tmp_path / "cut.gz").write_bytes(gzip.compress(good)[:-9])
    with pytest.raises(InputError, match=r"cut\.gz: unreadable or truncated"):
        read_idx(tmp_path / "cut.gz")


def test_missing_file_and_unknown_label_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_set(tmp_path / "fashion-mnist")
    monkeypatch.setenv("ASSAY_DATA_DIR", str(tmp_path))
    (folder / FILES["test"][1]).write_bytes(idx_bytes(np.full(20, 11, dtype=np.uint8)))
    with pytest.raises(InputError, match="label 11 is unknown"):
        open_data("fashion-mnist")
    (folder / FILES["test"][1]).unlink()
    with pytest.raises(InputError, match=r"t10k-labels-idx1-ubyte .* is missing"):
        open_data("fashion-mnist")


def test_download_fetches_all_four_or_says_why_not(tmp_path: Path) -> None:
    server = write_set(tmp_path / "server", packed=True)
    download_fashion_mnist(tmp_path / "got", address=server.as_uri())
    assert sorted(path.name for path in (tmp_path / "got").iterdir()) == sorted(p.name for p in server.iterdir())
    (server / f"{FILES['train'][0]}.gz").write_bytes(gzip.compress(b"<html>"))
    with pytest.raises(InputError, match="the answer is not an IDX file"):
        download_fashion_mnist(tmp_path / "bad", address=server.as_uri())
    with pytest.raises(InputError, match="download failed"):
        download_fashion_mnist(tmp_path / "none", address=(tmp_path / "nowhere").as_uri())
    assert list((tmp_path / "none").iterdir()) == []
