"""The page of a run from another folder than it was started in: paths are found again, or missed at once."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assay.cli.app import build_app
from assay.errors import InputError
from assay.store.store import Store
from assay.ui.asked import Asked
from assay.ui.opening import resolve
from assay.ui.origin import find_path, read_origin, require_origin


def make(folder: Path, *, decisions: str | None = None, started: Path | None = None) -> Path:
    """A run in `folder` that was given relative paths."""
    folder.mkdir(parents=True)
    store = Store(f"sqlite:///{folder / 'assay.db'}")
    run = store.open_run(str(folder.resolve()), {"source": "photos", "decisions": decisions, "size": None})
    if started is not None:
        store.decide(run, "started in", lambda: {"folder": str(started)})
    store.close()
    return folder


@pytest.mark.parametrize("noted", [True, False])
def test_paths_are_those_of_the_folder_the_run_was_started_in(
    noted: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "said.jsonl").write_text("")
    make(tmp_path / "runs" / "fl", decisions="said.jsonl", started=tmp_path if noted else None)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    asked, folder = resolve(Asked("../runs/fl"))
    assert (Path(asked.place), asked.decisions) == (tmp_path / "photos", tmp_path / "said.jsonl")
    assert folder == Path("../runs/fl")
    require_origin(Path("../runs/fl"))
    assert resolve(Asked("../runs/fl", decisions=Path("mine.jsonl")))[0].decisions == Path("mine.jsonl")


def test_what_is_gone_is_told_before_an_address_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = make(tmp_path / "runs" / "fl", started=tmp_path)
    monkeypatch.chdir(run)
    with pytest.raises(InputError, match=r"its run read 'photos', which is not in .*put it back, or run this where"):
        require_origin(run)
    told = CliRunner().invoke(build_app(), ["ui", str(run), "--port", "0"])
    assert isinstance(told.exception, InputError)
    assert told.output == ""


def test_names_and_whole_paths_stay_and_what_is_no_run_is_left_alone(tmp_path: Path) -> None:
    assert find_path("digits", tmp_path, None) == "digits"
    assert find_path("/data/x.csv", tmp_path, None) == "/data/x.csv"
    assert read_origin(tmp_path) is None
    (tmp_path / "assay.db").write_text("no database")
    assert read_origin(tmp_path) is None
    require_origin(tmp_path)


def test_a_run_notes_where_it_was_started(tmp_path: Path) -> None:
    run = make(tmp_path / "fl", started=Path("/somewhere"))
    origin = read_origin(run)
    assert origin is not None
    assert origin.started == Path("/somewhere")
    with sqlite3.connect(run / "assay.db") as base:
        (value,) = base.execute("SELECT value FROM assay_decisions").fetchone()
    assert json.loads(value) == {"folder": "/somewhere"}
