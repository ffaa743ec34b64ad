"""A run's folder: how it is known, and that what cannot be read in it is as if it were not there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from assay import run_folder
from assay.run_folder import is_run, last_sign, read_recipe_table, read_summary
from assay.store.finished import look_in


@pytest.mark.parametrize("mark", run_folder.MARKS)
def test_a_run_is_known_by_one_of_its_files(tmp_path: Path, mark: str) -> None:
    assert not is_run(tmp_path)
    (tmp_path / mark).touch()
    assert is_run(tmp_path)
    assert not is_run(tmp_path / mark)


def test_the_last_sign_is_that_of_its_newest_file(tmp_path: Path) -> None:
    assert last_sign(tmp_path) == 0.0
    for name, time in ((run_folder.DATABASE, 100.0), (f"{run_folder.DATABASE}-wal", 300.0), ("notes.txt", 900.0)):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (time, time))
    assert last_sign(tmp_path) == 300.0


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\xff\xfe", b"[" * 100_000])
def test_a_summary_or_recipe_that_cannot_be_read_is_none(tmp_path: Path, content: bytes) -> None:
    for read, name in ((read_summary, run_folder.SUMMARY), (read_recipe_table, run_folder.RECIPE)):
        assert read(tmp_path) == {}
        (tmp_path / name).write_bytes(content)
        # Of TOML, an empty file is an empty table, and [1] one that is called so.
        assert read(tmp_path) in ({}, {"1": {}})


def test_what_is_there_is_read(tmp_path: Path) -> None:
    (tmp_path / run_folder.SUMMARY).write_text('{"source": "digits"}')
    (tmp_path / run_folder.RECIPE).write_text("epochs = 3.0\n")
    assert read_summary(tmp_path) == {"source": "digits"}
    assert read_recipe_table(tmp_path) == {"epochs": 3.0}


def test_a_folder_without_a_database_holds_no_runs(tmp_path: Path) -> None:
    assert look_in(tmp_path) == []
