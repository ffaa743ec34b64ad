"""`assay learning-curve`: the band, a page, going on after Ctrl-C, and what cannot be told or asked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_support import Assay


@pytest.fixture
def clouds(monkeypatch: pytest.MonkeyPatch) -> Path:
    """400 rows of two classes that overlap; trainings of a few steps."""
    monkeypatch.setattr("assay.audit.learning_curve.plan.FEWEST_STEPS", 4)
    monkeypatch.setattr("assay.stages.learning_curve.MOST_SEEDS", 3)
    lines = [f"{i * 0.618 % 1 + 0.4 * (i % 2):.3f},{i * 0.414 % 1:.3f},{('near', 'far')[i % 2]}" for i in range(400)]
    path = Path("clouds.csv")
    path.write_text("\n".join(["distance,height,kind", *lines]) + "\n")
    return path


def test_the_band_is_told_and_kept(assay: Assay, clouds: Path) -> None:
    asked = ("learning-curve", clouds, "--target", "kind", "--budget", "60s", "--at", "3x")
    told = assay(*asked, "--json", "--page", "page.html")
    assert told.code == 0, told.err
    findings = {finding["id"]: finding for finding in json.loads(told.out)["findings"]}
    assert findings["learning_curve"]["evidence"]["size"] == 3 * findings["learning_curve"]["evidence"]["examples"]
    assert "How much more data would help?" in Path("page.html").read_text()
    assert Path("assay-runs/learning-curve-clouds/assay.db").is_file()
    # A second look is no work.
    again = assay(*asked, "--json")
    assert json.loads(again.out) == json.loads(told.out)


def test_ctrl_c_says_how_to_go_on(assay: Assay, clouds: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*arguments: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("assay.stages.session.begin_part", interrupted)
    told = assay("learning-curve", clouds, "--target", "kind", "--budget", "60s")
    assert (told.code, told.err.strip()) == (
        130,
        "assay: stopped; finished trainings are kept; the same command goes on",
    )


def test_too_little_data_is_said(assay: Assay, table: Path) -> None:
    told = assay("learning-curve", table, "--target", "price")
    assert told.code == 0
    assert "38 training examples are too few to be made fewer" in " ".join(told.out.split())


@pytest.mark.parametrize("at", ["1x", "11x", "twice", "nan", "-2"])
def test_multiples_that_are_none_are_refused(assay: Assay, table: Path, at: str) -> None:
    told = assay("learning-curve", table, "--target", "price", f"--at={at}")
    assert (told.code, told.out) == (2, "")
    assert told.lines == [f"assay: --at {at!r} must be a multiple of the data above 1 and at most 10; write --at 2x"]


def test_a_table_of_texts_alone_is_refused_as_a_training_refuses_it(assay: Assay) -> None:
    rows = [f"the {'abcdefg'[i % 7]} ran over hill {i},{('near', 'far')[i % 2]}" for i in range(100)]
    Path("texts.csv").write_text("\n".join(["said,kind", *rows]) + "\n")
    told = assay("learning-curve", "texts.csv", "--target", "kind", "--budget", "60s")
    assert (told.code, told.out) == (2, "")
    assert "hold running text, which no network here reads" in told.err
