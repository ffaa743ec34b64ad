"""The command line inside this process, in an empty folder, and a few sources to give it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_support import Assay, Told, write_classes
from typer.main import get_command

from assay.cli import main
from assay.cli.app import build_app

Command = Callable[..., int | None]


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands write where the test looks, and find no data sets or settings of the user."""
    monkeypatch.setenv("OMP_WAIT_POLICY", "PASSIVE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.delenv("ASSAY_DATA_DIR", raising=False)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


@pytest.fixture(scope="session")
def program() -> Command:
    """What `assay` makes anew at every start, from the types of all its options: most of the time of a short call."""
    return get_command(build_app())


@pytest.fixture
def assay(program: Command, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Assay:
    """Run `assay ARGUMENTS...`."""
    monkeypatch.setattr("assay.cli.app.build_app", lambda: program)

    def run(*arguments: object) -> Told:
        monkeypatch.setattr(sys, "argv", ["assay", *map(str, arguments)])
        code = 0
        try:
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        out, err = capsys.readouterr()
        return Told(code, out, err)

    return run


@pytest.fixture
def animals() -> Path:
    return write_classes(Path("animals"), {"cat": 12, "horse": 12})


@pytest.fixture
def table() -> Path:
    """60 rows: two numbers, a word, and a number to predict."""
    lines = [f"{i * 0.37 % 5:.3f},{i % 7},{('red', 'blue')[i % 2]},{i * 0.37 % 5 * 2 + i % 7:.3f}" for i in range(60)]
    path = Path("table.csv")
    path.write_text("\n".join(["width,height,colour,price", *lines]) + "\n")
    return path
