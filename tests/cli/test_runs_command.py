"""`assay runs`: real trainings listed, compared and held against each other; and wrong input."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_support import Assay

from assay.store.store import Store

RECIPE = """batch_size = 8
epochs = 2
[model]
kind = "MLP"
hidden = [8]
"""


@pytest.fixture
def trained(assay: Assay, animals: Path) -> None:
    """Two trainings that differ in one trick."""
    Path("recipe.toml").write_text(RECIPE)
    for name, more in (("plain", ()), ("smooth", ("--trick", "LabelSmoothing(0.2)"))):
        assert assay("train", "animals", "--recipe", "recipe.toml", "--out", f"made/{name}", *more).code == 0


def test_trainings_are_listed_compared_and_told_apart(assay: Assay, trained: None) -> None:
    listed = json.loads(assay("runs", "--json").out)
    assert [run["name"] for run in listed] == ["made/smooth", "made/plain"]
    assert {(run["kind"], run["source"], run["state"]) for run in listed} == {("train", "animals", "done")}
    low, high = listed[0]["validation"]["interval"]
    assert low <= listed[0]["validation"]["value"] <= high
    table = assay("runs", "made").out
    assert table.index("made/smooth") < table.index("made/plain")
    assert "validation accuracy" in table
    compared = assay("runs", "compare", "made/plain", "made/smooth").out
    assert "LabelSmoothing(smoothing=0.2)" in compared
    assert "MLP(hidden=(8,))" in compared
    assert [one["recipe"]["epochs"] for one in json.loads(assay("runs", "compare", "made/plain", "made/smooth",
                                                               "--json").out)] == [2.0, 2.0]  # fmt: skip
    told = assay("runs", "why", "made/plain", "made/smooth")
    assert told.code == 0
    assert "first   made/plain: train of animals, done" in told.out
    assert "(95 %, paired on the same " in told.out
    assert "\n1. The recipes differ in 1 place: LabelSmoothing(smoothing=0.2) only in the second.\n" in told.out
    assert "\n2. " not in told.out
    assert json.loads(assay("runs", "why", "made/plain", "made/smooth", "--json").out)["stage"] == "why"


def test_looking_leaves_no_trace(assay: Assay, trained: None) -> None:
    before = {path: path.stat().st_mtime_ns for path in Path("made").rglob("*")}
    for words in ((), ("compare", "made/plain", "made/smooth"), ("why", "made/plain", "made/smooth")):
        assert assay("runs", *words).code == 0
    assert {path: path.stat().st_mtime_ns for path in Path("made").rglob("*")} == before


def test_nothing_to_list_is_said(assay: Assay) -> None:
    told = assay("runs")
    assert (told.code, told.out) == (0, "")
    assert told.err == "assay: no runs in or below .; `assay run SOURCE` makes one\n"
    assert json.loads(assay("runs", "--json").out) == []


@pytest.mark.parametrize(("words", "message"), [
    (("nowhere",), "nowhere: there is no such folder; name one with runs below it"),
    (("compare", "a"), "runs compare needs at least 2 runs, got 1; write `assay runs compare FOLDER FOLDER`"),
    (("why", "a", "b", "c"), "runs why needs 2 runs, got 3; write `assay runs why FOLDER FOLDER`"),
    (("why", "a", "b"), "a: there is no such folder; `assay runs` lists the runs below here"),
    (("why", "empty", "b"), "empty: there is no run in this folder; `assay runs` lists the runs below here"),
])  # fmt: skip
def test_wrong_input_is_one_line(assay: Assay, words: tuple[str, ...], message: str) -> None:
    Path("empty").mkdir()
    told = assay("runs", *words)
    assert (told.code, told.out, len(told.lines)) == (2, "", 1)
    assert told.err.startswith(f"assay: {message}")


def test_trials_of_a_database_newest_or_best_first(assay: Assay) -> None:
    store = Store("sqlite:///trials.db")
    for number in range(3):
        store.record_trial(f"r-d{number % 2}-{number}-1-2-cpu", stage="tune", description=f"MLP(hidden=({number},))",
                           recipe={}, result={"value": number / 4, "seed": number, "loss": 1.5, "seconds": 3.0},
                           source="animals")  # fmt: skip
    store.close()
    trials = ("runs", "trials", "--database", "sqlite:///trials.db")
    table = assay(*trials)
    assert table.out.index("MLP(hidden=(2,))") < table.out.index("MLP(hidden=(0,))")
    assert "animals" in table.out
    best = assay(*trials, "--best", 1, "--json")
    assert [(trial["value"], trial["seed"], trial["data"]) for trial in json.loads(best.out)] == [(0.5, 2, "d0")]
    assert best.err == ""
    assert "these are of several data, whose scores do not compare" in assay(*trials, "--best", 3).err
    assert len(json.loads(assay(*trials, "--last", 2, "--json").out)) == 2
    assert assay(*trials, "--trick", "Mixup").err == "assay: no such trials in this database\n"
    assert assay(*trials, "--best", 1, "--last", 1).err == "assay: --last 1 and --best 1: give one of them\n"
    assert assay("runs", "--best", 3).err == "assay: --best: of trials alone; write `assay runs trials`\n"
    told = assay("runs", "trials", "--database", "sqlite:///no.db")
    assert (told.code, told.err) == (2, "assay: no.db: there is no such database; a run or a worker makes one\n")


@pytest.mark.usefixtures("animals")
def test_studies_are_listed_with_what_they_came_to_and_told_apart_by_what_they_were_asked(assay: Assay) -> None:
    """The list left their score empty, and `why` found that nothing differs."""
    words = ("ablate", "animals", "--tricks", "EMA", "--epochs", "1", "--seeds", "2", "--budget", "60s")
    assert assay(*words, "--out", "one").code == 0
    assert assay(*words, "--tricks", "LabelSmoothing", "--metric", "loss", "--out", "two").code == 0
    listed = {run["name"]: run["outcome"] for run in json.loads(assay("runs", "--json").out)}
    assert listed.keys() == {"one", "two"}
    assert listed["one"].endswith("of 1 helps")
    assert listed["two"].split(",")[0].endswith(("of 2 helps", "of 2 help"))
    assert listed["one"] in " ".join(assay("runs").out.split())
    told = assay("runs", "why", "one", "two").out
    assert "in 2 places: metric as usual against loss; LabelSmoothing only in the second." in told
    assert "Of 1 effect in both" in told
    compared = assay("runs", "compare", "one", "two").out
    assert all(text in compared for text in ("asked metric", "asked design", "effect of EMA()", "n = 2"))
    assert json.loads(assay("runs", "compare", "one", "two", "--json").out)[1]["asked"]["metric"] == "loss"
