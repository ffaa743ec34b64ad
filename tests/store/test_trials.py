"""Where finished trainings are kept: what is named, the environment, the user's file, or the folder's own."""

from contextlib import closing
from pathlib import Path

import pytest

from assay.errors import InputError
from assay.store.store import url_of_file
from assay.store.trials import checkpoints_of, named_or_own, open_trials


def url_used(folder: Path, named: str | None = None) -> str:
    with closing(open_trials(folder, named)) as store:
        return store.url


def test_the_named_comes_before_the_environment_and_that_before_the_users_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("ASSAY_DATABASE")
    users = url_of_file(tmp_path / "home" / "assay" / "trials.db")
    assert url_used(tmp_path) == named_or_own() == users
    set_here, named = (url_of_file(tmp_path / f"{name}.db") for name in ("environment", "named"))
    monkeypatch.setenv("ASSAY_DATABASE", set_here)
    assert url_used(tmp_path) == named_or_own() == set_here
    assert url_used(tmp_path, named) == named_or_own(named) == named


def test_without_a_home_of_data_it_is_below_the_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.delenv("ASSAY_DATABASE")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert url_used(tmp_path) == url_of_file(tmp_path / ".local" / "share" / "assay" / "trials.db")


def test_none_keeps_them_in_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    own = url_of_file(tmp_path / "assay.db")
    monkeypatch.setenv("ASSAY_DATABASE", "none")
    assert url_used(tmp_path) == own
    with pytest.raises(InputError, match=r"ASSAY_DATABASE is none: there is no database to share; name one"):
        named_or_own()
    monkeypatch.setenv("ASSAY_DATABASE", url_of_file(tmp_path / "other.db"))
    assert url_used(tmp_path, "none") == own


def test_a_home_that_cannot_be_written_is_told_and_the_folder_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file"))
    monkeypatch.delenv("ASSAY_DATABASE")
    assert url_used(tmp_path) == url_of_file(tmp_path / "assay.db")
    (line,) = capsys.readouterr().err.splitlines()
    assert "trials.db cannot be used" in line
    assert f"finished trainings are kept in {tmp_path} alone" in line


def test_a_database_that_was_named_must_be_there(tmp_path: Path):
    with pytest.raises(InputError, match=r"cannot be opened .unable to open database file"):
        open_trials(tmp_path, url_of_file(tmp_path / "nowhere" / "trials.db"))


def test_checkpoints_lie_beside_a_file_and_else_with_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert checkpoints_of(url_of_file(tmp_path / "a b.db")) == tmp_path / "a b.db-checkpoints"
    assert checkpoints_of("postgresql+psycopg://me@host/assay") == tmp_path / "assay" / "checkpoints"
