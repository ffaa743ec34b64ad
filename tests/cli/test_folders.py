from pathlib import Path

import pytest

from assay.cli.folders import choose_folder
from assay.errors import InputError


def choose(out: Path | None, *, resume: bool = False) -> Path:
    return choose_folder(out, name="digits", finished="summary.json", resume=resume)


def test_a_new_or_empty_folder_is_taken(tmp_path: Path) -> None:
    assert choose(tmp_path) == tmp_path
    assert choose(tmp_path / "new") == tmp_path / "new"


@pytest.mark.parametrize("started", ["assay.db", "training.checkpoint"])
def test_unfinished_work_is_gone_on_with(tmp_path: Path, started: str) -> None:
    (tmp_path / started).touch()
    assert choose(tmp_path) == tmp_path


def test_somebody_elses_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "cats").mkdir()
    with pytest.raises(InputError, match="holds files of another kind; name an empty or a new folder"):
        choose(tmp_path)


def test_finished_results_are_opened_only_with_resume(tmp_path: Path) -> None:
    (tmp_path / "summary.json").touch()
    with pytest.raises(InputError, match="holds finished results"):
        choose(tmp_path)
    assert choose(tmp_path, resume=True) == tmp_path


def test_a_file_is_refused_also_as_a_parent(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="is a file; name a folder"):
        choose(tmp_path / "file" / "sub")


def test_nothing_to_resume(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is nothing to go on with"):
        choose(tmp_path / "nowhere", resume=True)


def test_the_default_folder_is_the_first_that_is_not_finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert choose(None) == Path("assay-runs/digits")
    Path("assay-runs/digits").mkdir(parents=True)
    Path("assay-runs/digits/summary.json").touch()
    assert choose(None) == Path("assay-runs/digits-2")
