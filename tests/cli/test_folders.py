from pathlib import Path

import pytest

from assay.cli.folders import choose_folder, choose_new_folder
from assay.errors import InputError

DONE = "summary.json"


def choose(out: str | None = None, *, name: str = "digits", resume: bool = False) -> Path:
    return choose_folder(Path(out) if out else None, name=name, finished=DONE, resume=resume)


def make(folder: str, *, finished: bool) -> None:
    Path(folder).mkdir(parents=True)
    (Path(folder) / (DONE if finished else "assay.db")).touch()


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
    for folder in ("mine", "assay-runs/digits"):
        Path(folder).mkdir(parents=True)
        with pytest.raises(InputError, match=f"--out {folder}: there is nothing to go on with; leave --resume out"):
            choose(folder if folder == "mine" else None, resume=True)


def test_a_run_whose_database_is_elsewhere_is_gone_on_with() -> None:
    Path("mine/work").mkdir(parents=True)
    assert choose("mine") == choose("mine", resume=True) == Path("mine")
    Path("mine/notes.txt").touch()
    with pytest.raises(InputError, match="--out mine: holds files of another kind"):
        choose("mine")


def test_a_folder_that_cannot_be_made_is_refused_without_a_trace() -> None:
    with pytest.raises(InputError, match=r"--out /proc/x/y: nothing can be written in /proc \([a-z ]+\); name another"):
        choose("/proc/x/y")
    before = set(Path().rglob("*"))
    assert choose("new/below") == Path("new/below")
    assert set(Path().rglob("*")) == before


def test_a_command_without_resume_takes_a_folder_until_its_model_is_there() -> None:
    assert choose_new_folder(None, name="squeeze-digits", finished=DONE) == Path("assay-runs/squeeze-digits")
    make("assay-runs/squeeze-digits", finished=True)
    assert choose_new_folder(None, name="squeeze-digits", finished=DONE) == Path("assay-runs/squeeze-digits-2")
    make("mine", finished=False)
    assert choose_new_folder(Path("mine"), name="", finished=DONE) == Path("mine")
    (Path("mine") / DONE).touch()
    with pytest.raises(InputError, match=r"--out mine: holds a finished model \(summary\.json\); name another folder"):
        choose_new_folder(Path("mine"), name="", finished=DONE)


def test_a_file_is_no_folder() -> None:
    Path("file").touch()
    with pytest.raises(InputError, match="--out file: this is a file; name a folder"):
        choose("file")
    with pytest.raises(InputError, match="--out file/below/it: file is a file; name a folder"):
        choose("file/below/it")
