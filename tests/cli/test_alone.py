"""Stages as commands of their own."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from cli_support import Assay, write_classes, write_image

from assay.artifact import FILE
from assay.finding import Report
from assay.report.story import DataSummary, RunStory, StageStory
from assay.stages.request import Request


@pytest.fixture
def leak() -> str:
    """A picture that is in the training and in the test folder."""
    for part, count in (("train", 10), ("val", 4), ("test", 4)):
        write_classes(Path("leak") / part, {"cat": count, "horse": count})
    for place, part in enumerate(("val", "test")):
        for path in sorted(Path("leak", part).rglob("*.png")):
            write_image(path, 40 + 60 * place + 2 * int(path.stem) + (20 if path.parent.name == "cat" else 0))
    shutil.copy("leak/train/cat/0.png", "leak/test/cat/1.png")
    return "leak"


def test_strict_fails_on_what_is_proved(assay: Assay, leak: str) -> None:
    told = assay("inspect", leak, "--strict")
    assert told.code == 1, told
    assert "proved" in told.out
    assert assay("inspect", leak).code == 0


def test_strict_passes_what_is_not(assay: Assay, animals: Path) -> None:
    told = assay("inspect", animals, "--strict")
    assert told.code == 0, told


def test_json_is_json_and_light(assay: Assay, leak: str) -> None:
    report = json.loads(assay("inspect", leak, "--json").out)
    assert report["stage"] == "inspect"
    proved = [finding for finding in report["findings"] if finding["level"] == "proved"]
    assert proved
    assert proved[0]["fix"]
    assert not any("figures" in finding for finding in report["findings"])


def test_a_page_on_request(assay: Assay, animals: Path) -> None:
    Path("pages").mkdir()
    for _ in range(2):
        told = assay("inspect", animals, "--page", "pages/page.html")
        assert told.code == 0, told
        assert "<html" in Path("pages/page.html").read_text()


@pytest.mark.parametrize(
    ("page", "message"),
    [
        ("keep.npz", "--page keep.npz: this is the SOURCE itself; name another file"),
        ("./../here/keep.npz", "this is the SOURCE itself"),
        ("notes.txt", "--page notes.txt: this file is there and is no page of Assay's; name another file"),
        ("other.html", "--page other.html: this file is there and is no page of Assay's; name another file"),
        ("folder", "--page folder: this is a folder; name a file in it, such as folder/page.html"),
        ("nope/page.html", "--page nope/page.html: there is no folder nope; make it, or name another file"),
        ("/proc/page.html", "--page /proc/page.html: cannot be written (no such file or directory)"),
    ],
)
def test_a_page_destroys_nothing_and_is_refused_before_the_work(
    assay: Assay, page: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assay.stages.alone.run_stage", None)
    np.savez("keep.npz", x=np.zeros((20, 2)), y=np.arange(20) % 2)
    Path("notes.txt").write_text("mine")
    Path("other.html").write_text("<!doctype html><title>Mine</title>")
    Path("folder").mkdir()
    before = {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()}
    told = assay("inspect", "keep.npz", "--page", page)
    assert (told.code, told.out, len(told.lines)) == (2, "", 1), told
    assert told.err.startswith("assay: ")
    assert message in told.err
    assert {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()} == before
    assert {path.name for path in Path().iterdir()} == {"keep.npz", "notes.txt", "other.html", "folder"}


def test_without_out_nothing_is_left(assay: Assay, animals: Path) -> None:
    before = set(Path().rglob("*"))
    assert assay("inspect", animals).code == 0
    assert set(Path().rglob("*")) == before


def test_skipped_files_are_a_finding(assay: Assay, animals: Path) -> None:
    (animals / "cat/3.png").write_text("no picture")
    told = assay("inspect", animals, "--skip-bad", "--json")
    assert told.code == 0
    assert any("cat/3.png" in json.dumps(finding) for finding in json.loads(told.out)["findings"])


def test_imputed_cells_are_a_finding(assay: Assay, table: Path) -> None:
    table.write_text(table.read_text() + ",2,red,3.5\n")
    told = assay("inspect", "table.csv", "--target", "price", "--impute", "--json")
    assert told.code == 0
    assert any("width" in json.dumps(finding) for finding in json.loads(told.out)["findings"])


def test_baselines_and_verify_of_a_table(assay: Assay, table: Path) -> None:
    for stage in ("baselines", "verify"):
        told = assay(stage, "table.csv", "--target", "price", "--json", "--budget", "30s")
        assert told.code == 0, told.err
        assert json.loads(told.out)["stage"] == stage


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["overfit", "ablate", "tune"])
def test_training_stages_of_a_table(assay: Assay, table: Path, stage: str) -> None:
    told = assay(stage, "table.csv", "--target", "price", "--json", "--budget", "15s")
    assert told.code == 0, told.err
    assert json.loads(told.out)["stage"] == stage


@pytest.mark.slow
def test_squeeze_leaves_a_model_that_predicts(assay: Assay, animals: Path) -> None:
    told = assay("squeeze", "animals", "--budget", "15s", "--out", "out")
    assert told.code == 0, told.err
    assert assay("predict", "out", "animals/cat/0.png").code == 0


@pytest.mark.parametrize("out", [(), ("--out", "out")])
def test_squeeze_says_where_its_model_is(assay: Assay, monkeypatch: pytest.MonkeyPatch, out: tuple[str, ...]) -> None:
    def pretend(stage: str, request: Request, folder: Path, **_: object) -> RunStory:
        folder.mkdir(parents=True)
        (folder / FILE).touch()
        stages = (StageStory(stage, "Squeeze", "What else?", "done", 1.0, Report(stage)),)
        return RunStory("digits", "pretend", 0, 1.0, 60.0, "", DataSummary("classification", (3,)), stages)

    monkeypatch.setattr("assay.stages.alone.run_stage", pretend)
    told = assay("squeeze", "digits", *out)
    assert told.code == 0, told
    first = "out" if out else "assay-runs/squeeze-digits"
    assert told.out.splitlines()[-1] == f"model: {first}/{FILE}"
    told = assay("squeeze", "digits", *out, "--json")
    if out:
        assert (told.code, told.lines) == (
            2,
            [f"assay: --out out: holds a finished model ({FILE}); name another folder"],
        )
    else:
        assert json.loads(told.out)["stage"] == "squeeze"
        assert told.lines[-1] == f"model: assay-runs/squeeze-digits-2/{FILE}"


def test_a_stop_has_no_resume_to_offer(assay: Assay, animals: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from assay.stages import alone as stage_alone

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(stage_alone, "inspect_stage", stop)
    told = assay("inspect", animals)
    assert (told.code, told.err) == (130, "assay: stopped\n")
