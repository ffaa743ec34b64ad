"""A named pipe, a socket or a device is no file: it is named at once instead of waited for."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from assay.data.open import open_data
from assay.data.reading.images import opened
from assay.errors import InputError

# Opened for reading and writing by this test, a pipe keeps nobody waiting: what hangs would fail instead.
Make = Callable[[Path], int]


def make_pipe(path: Path) -> int:
    os.mkfifo(path)
    descriptor = os.open(path, os.O_RDWR)
    os.write(descriptor, b"no image")
    return descriptor


def make_socket(path: Path) -> int:
    bound = socket.socket(socket.AF_UNIX)
    # The name of a socket may have a hundred letters, which a test's folder has already.
    here = Path.cwd()
    os.chdir(path.parent)
    bound.bind(path.name)
    os.chdir(here)
    return bound.detach()


@pytest.mark.parametrize("make", [make_pipe, make_socket])
def test_among_images_it_is_named(make_folder: Callable[..., Path], tmp_path: Path, make: Make) -> None:
    root = make_folder(tmp_path / "pets", {"a": 12, "b": 12})
    held = make(root / "a" / "odd.png")
    try:
        with pytest.raises(InputError, match=r"odd\.png: not a file but .*pipe, socket or device; replace or remove"):
            open_data(root)
        (told,) = (found for found in open_data(root, tolerant=True).findings if found.id == "unreadable_files")
        assert told.evidence["kinds"] == {"no file": 1}
    finally:
        os.close(held)


@pytest.mark.parametrize("name", ["odd.npz", "odd.csv", "odd.zip"])
def test_as_a_source_it_is_refused(tmp_path: Path, name: str) -> None:
    held = make_pipe(tmp_path / name)
    try:
        with pytest.raises(InputError, match=r"not a file but a pipe, socket or device; save what it gives"):
            open_data(tmp_path / name, target="y" if name.endswith("csv") else None)
    finally:
        os.close(held)


def test_a_device_is_refused() -> None:
    with pytest.raises(InputError, match="/dev/null: not a file"), opened(Path("/dev/null")):
        pass
