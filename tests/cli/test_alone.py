"""Stages as commands of their own."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from cli_support import Assay, write_classes, write_image


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
    told = assay("inspect", animals, "--page", "pages/page.html")
    assert told.code == 0
    assert "<html" in Path("pages/page.html").read_text()


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


def test_a_stop_has_no_resume_to_offer(assay: Assay, animals: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from assay import pipeline

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(pipeline, "inspect_stage", stop)
    told = assay("inspect", animals)
    assert (told.code, told.err) == (130, "assay: stopped\n")
