"""Tiny image files and class folders."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

MakeImage = Callable[..., Path]
MakeFolder = Callable[..., Path]


@pytest.fixture(autouse=True)
def _own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the user's caches or data directories, or writes into them."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("ASSAY_DATA_DIR", raising=False)
    monkeypatch.delenv("ASSAY_DOWNLOAD", raising=False)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


@pytest.fixture
def make_image() -> MakeImage:
    """Write one image of a single grey level (or colour) and return its path."""

    def make(path: Path, value: int = 100, size: tuple[int, int] = (6, 4), mode: str = "L") -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        height, width = size
        shape = (height, width) if mode == "L" else (height, width, 3)
        Image.fromarray(np.full(shape, value, dtype=np.uint8)).save(path)
        return path

    return make


@pytest.fixture
def make_folder(make_image: MakeImage) -> MakeFolder:
    """Class folders of grey PNGs: image number i of class c has level 50 * c + i."""

    def make(root: Path, counts: dict[str, int], size: tuple[int, int] = (6, 4)) -> Path:
        for number, (name, count) in enumerate(counts.items()):
            for index in range(count):
                make_image(root / name / f"{index:03}.png", 50 * number + index, size)
        return root

    return make
