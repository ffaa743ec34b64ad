"""Files are there whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from assay.whole_file import replacing, write_whole


def test_what_was_written_is_there_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "table.parquet"
    with replacing(path) as unfinished:
        assert unfinished.suffix == ".parquet"
        unfinished.write_bytes(b"whole")
    assert [one.name for one in path.parent.iterdir()] == ["table.parquet"]
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"whole", 0o644)


@pytest.mark.parametrize("before", [None, b"old"])
def test_a_failure_leaves_what_was_there(tmp_path: Path, before: bytes | None) -> None:
    path = tmp_path / "file"
    if before is not None:
        path.write_bytes(before)

    def fail() -> None:
        with replacing(path) as unfinished:
            unfinished.write_bytes(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert [one.read_bytes() for one in tmp_path.iterdir()] == ([] if before is None else [before])


def test_two_writers_at_once_do_not_meet(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with replacing(path) as one, replacing(path) as other:
        one.write_bytes(b"one")
        other.write_bytes(b"other")
    assert path.read_bytes() == b"one"
    assert len(list(tmp_path.iterdir())) == 1


def test_names_that_are_not_utf_8_are_escaped(tmp_path: Path) -> None:
    write_whole(tmp_path / "file", "caf\udce9\n")
    assert (tmp_path / "file").read_bytes() == b"caf\\udce9\n"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_says_so(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(PermissionError):
        write_whole(tmp_path / "file", "text")
