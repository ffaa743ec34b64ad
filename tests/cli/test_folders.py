from pathlib import Path

import pytest

from assay.cli.folders import choose_folder
from assay.errors import InputError

DONE = "summary.json"


def choose(out: str | None = None, *, name: str = "digits", resume: bool = False) -> Path:
    return choose_folder(Path(out) if out else None, name=name, finished=DONE, resume=resume)


def make(folder: str, *, finished: bool) -> None:
    Path(folder).mkdir(parents=True)
    if finished:
        (Path(folder) / DONE).touch()


def test_the_first_free_number() -> None:
    assert choose() == Path("assay-runs/digits")
    make("assay-runs/digits", finished=True)
    assert choose() == Path("assay-runs/digits-2")
    make("assay-runs/digits-2", finished=True)
    assert choose() == Path("assay-runs/digits-3")


def test_unfinished_work_is_gone_on_with() -> None:
    make("assay-runs/digits", finished=False)
    assert choose() == choose(resume=True) == Path("assay-runs/digits")


def test_resume_takes_the_newest_unfinished_or_else_the_newest() -> None:
    for number, finished in (("", True), ("-2", False), ("-3", True)):
        make(f"assay-runs/digits{number}", finished=finished)
    assert choose(resume=True) == Path("assay-runs/digits-2")
    (Path("assay-runs/digits-2") / DONE).touch()
    assert choose(resume=True) == Path("assay-runs/digits-3")


@pytest.mark.parametrize(
    ("source", "folder"),
    [
        ("/data/my photos/", "my-photos"),
        ("cats & dogs.zip", "cats-dogs.zip"),
        ("..", "run"),
        ("", "run"),
        (".hidden", "hidden"),
        ("../../etc", "etc"),
    ],
)
def test_a_folder_is_named_after_the_source_and_stays_inside(source: str, folder: str) -> None:
    assert choose(name=source) == Path("assay-runs") / folder


def test_a_finished_folder_is_refused_but_for_looking() -> None:
    make("mine", finished=True)
    with pytest.raises(InputError, match="holds finished results"):
        choose("mine")
    assert choose("mine", resume=True) == Path("mine")


def test_nothing_to_resume() -> None:
    with pytest.raises(InputError, match="--out mine: there is nothing to go on with"):
        choose("mine", resume=True)
    with pytest.raises(InputError, match="there is nothing to go on with"):
        choose(resume=True)


def test_a_file_is_no_folder() -> None:
    Path("file").touch()
    with pytest.raises(InputError, match="--out file: this is a file; name a folder"):
        choose("file")
    with pytest.raises(InputError, match="--out file/below/it: file is a file; name a folder"):
        choose("file/below/it")
