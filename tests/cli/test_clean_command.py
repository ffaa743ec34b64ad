"""`assay clean`: from a table to suspects, and from decisions to corrected data; and what is refused."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from cli_support import Assay, write_classes

from assay.audit.cleaning import judging
from assay.audit.cleaning.networks import Plan


@pytest.fixture(autouse=True)
def plan(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two folds and no network: what they add is tested where they are."""
    monkeypatch.setattr(judging, "_make_plan", lambda *_: Plan(2, 0.0, {}))


@pytest.fixture
def flowers(assay: Assay) -> Path:
    """90 rows of two kinds that are far apart; row 5 has the wrong one."""
    draw, path = np.random.default_rng(437), Path("flowers.csv")
    kind = np.arange(90) % 2
    said = kind.copy()
    said[4] = 1 - said[4]
    pl.DataFrame({"long": 4 * kind + draw.normal(size=90), "wide": 4 * kind + draw.normal(size=90),
                  "kind": np.array(["iris", "lily"])[said]}).write_csv(path)  # fmt: skip
    return path


def test_the_wrong_label_is_named_proposed_and_corrected(assay: Assay, flowers: Path) -> None:
    before = flowers.read_bytes()
    told = assay("clean", flowers, "--target", "kind", "--out", "out")
    assert told.code == 0, told.err
    assert "row 5: labelled lily, 3 of 3 say iris" in " ".join(told.out.split())
    assert pl.read_parquet("out/audit.parquet").sort("score", descending=True)["id"][0] == "row 5"
    proposals = [json.loads(line) for line in Path("out/proposals.jsonl").read_text().splitlines()]
    assert [(one["id"], one["label"], one["reviewer"]) for one in proposals] == [("row 5", "iris", "proposal")]
    view = assay("clean", flowers, "--target", "kind", "--apply", "out/proposals.jsonl", "--out", "view")
    assert view.code == 0, view.err
    assert pl.read_csv("view/flowers.csv")["kind"][4] == "iris"
    assert flowers.read_bytes() == before


def test_the_same_command_goes_on_and_takes_reviews(assay: Assay, flowers: Path) -> None:
    assert assay("clean", flowers, "--target", "kind", "--out", "out").code == 0
    kept = {path: path.stat().st_mtime_ns for path in Path("out/cleaning").glob("*.npz")}
    line = {"id": "row 5", "action": "relabel", "label": "iris", "reviewer": "ann", "time": "2026-01-31T12:00:00+00:00"}
    Path("said.jsonl").write_text(json.dumps(line) + "\n")
    told = assay("clean", flowers, "--target", "kind", "--out", "out", "--decisions", "said.jsonl", "--json")
    assert told.code == 0, told.err
    assert "precision_of_flags" in {finding["id"] for finding in json.loads(told.out)["findings"]}
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    assert pl.read_parquet("out/audit.parquet").filter(pl.col("id") == "row 5")["decision"].to_list() == ["relabel"]


def test_a_member_of_ones_own(assay: Assay, flowers: Path) -> None:
    Path("mine.py").write_text(
        "from sklearn.naive_bayes import GaussianNB\n\n\ndef bayes():\n    return GaussianNB()\n"
    )
    told = assay("clean", flowers, "--target", "kind", "--out", "out", "--member", "mine:bayes")
    assert told.code == 0, told.err
    assert "p_bayes" in pl.read_parquet("out/audit.parquet").columns


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (
            "def bad():\n    raise RuntimeError('no\\nweights')\n",
            "member 'bad' failed (RuntimeError: no weights); mend",
        ),
        ("class bad:\n    def fit(self, x, y):\n        raise ValueError\n", "member 'bad' failed (ValueError); mend"),
        ("class bad:\n    def fit(self, x, y):\n        return self\n", "member 'bad'"),
        ("raise KeyError('x')\n", "--member 'broken:bad': broken fails when it is imported (KeyError: 'x'); mend it"),
    ],
)
def test_a_member_that_fails_is_named_in_one_line(assay: Assay, flowers: Path, code: str, said: str) -> None:
    sys.modules.pop("broken", None)
    importlib.invalidate_caches()
    Path("broken.py").write_text(code)
    told = assay("clean", flowers, "--target", "kind", "--out", "out", "--member", "broken:bad", "--budget", "10s")
    assert told.code == 2
    assert [line for line in told.lines if line.startswith("assay:")] == told.lines[-1:]
    assert "Traceback" not in told.err
    assert said in told.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--member", "bayes"), "--member 'bayes' must be module:factory, such as my_models:make_forest"),
        (("--member", "json:nothing"), "--member 'json:nothing': json has no function nothing"),
        (("--member", "no_such_module:make"), "no_such_module cannot be imported"),
        (("--apply", "said.jsonl"), "--apply needs --out FOLDER for the corrected view; the source is never changed"),
        (("--decisions", "gone.jsonl"), "gone.jsonl"),
        (("--out", "full"), "--out full: holds files of another kind; name an empty or a new folder"),
        (("--unlabelled", "full"), "--unlabelled full: is a folder, the labelled examples are no images"),
        (("--budget", "soon"), "--budget 'soon' is not a time"),
    ],
)
def test_wrong_options(assay: Assay, flowers: Path, options: tuple[str, str], said: str) -> None:
    Path("full").mkdir()
    Path("full/mine.txt").write_text("mine")
    Path("said.jsonl").write_text("")
    told = assay("clean", flowers, "--target", "kind", *options)
    assert told.code == 2
    assert len(told.lines) == 1
    assert said in told.err
    assert not Path("assay-runs").exists()


def test_numbers_are_no_labels(assay: Assay) -> None:
    pl.DataFrame({"x": np.arange(40) / 7, "y": np.arange(40) / 3}).write_csv("numbers.csv")
    told = assay("clean", "numbers.csv", "--target", "y")
    assert told.code == 2
    assert "numbers: labels to clean must be classes, its target is a number; name another --target" in told.err


def test_a_view_is_not_written_into_the_source(assay: Assay) -> None:
    write_classes(Path("pets"), {"cat": 9, "dog": 9})
    Path("said.jsonl").write_text("")
    told = assay("clean", "pets", "--apply", "said.jsonl", "--out", "pets/new")
    assert told.code == 2
    assert "--out pets/new: lies in the source, which is never changed; name a folder elsewhere" in told.err
