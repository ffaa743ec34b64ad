"""`assay ablate --resume --out DIR`: goes on with what the folder was asked, and refuses what it was not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_support import Assay
from resume_support import RECIPE, stop_after

pytestmark = pytest.mark.usefixtures("animals")
STUDY = ("ablate", "animals", "--tricks", "EMA", "--tricks", "LabelSmoothing(0.2)", "--design", "stacked", "--epochs",
         "1", "--seeds", "2", "--budget", "60s", "--recipe", "recipe.toml", "--size", "8x6", "--out",
         "out")  # fmt: skip


@pytest.fixture(autouse=True)
def recipe() -> None:
    Path("recipe.toml").write_text(RECIPE)


def test_a_stopped_study_goes_on_without_its_options(assay: Assay, monkeypatch: pytest.MonkeyPatch) -> None:
    """There was no such option."""
    with monkeypatch.context() as patched:
        stop_after(2, patched)
        assert assay(*STUDY).code == 130
    assert not Path("out/summary.json").exists()
    Path("recipe.toml").unlink()
    assert assay("ablate", "--resume", "--out", "out").code == 0
    rows = json.loads(Path("out/summary.json").read_text())["tricks"]
    assert [(row["trick"], row["n"]) for row in rows] == [("EMA()", 2), ("LabelSmoothing(smoothing=0.2)", 2)]
    (run,) = json.loads(assay("runs", "out", "--json").out)
    assert (run["state"], run["budget"]) == ("done", 60.0)
    Path("recipe.toml").write_text(RECIPE)
    before = Path("out/effects.md").read_text()
    for words in (STUDY, (*STUDY, "--resume"), ("ablate", "animals", "--resume", "--out", "out")):
        assert assay(*words).code == 0
        assert Path("out/effects.md").read_text() == before
    assert len(json.loads(assay("runs", "out", "--json").out)) == 1


def test_what_the_folder_was_not_asked_is_refused(assay: Assay) -> None:
    assert assay(*STUDY).code == 0
    for words, told in (
        (("--seeds", "3"), "out: the ablate there was asked with seeds 2, not 3; leave it out, or use another --out"),
        (("--tricks", "EMA", "--seed", "1"), "asked with seed 0, not 1; tricks ['EMA', 'LabelSmoothing(0.2)'], not"),
        (("--budget", "5m"), "asked with budget_seconds 60.0, not 300.0; leave it out"),
    ):
        refused = assay("ablate", "--resume", "--out", "out", *words)
        assert refused.code == 2
        assert told in refused.err
    Path("recipe.toml").write_text(RECIPE.replace("8]", "9]"))
    refused = assay("ablate", "--resume", "--out", "out", "--recipe", "recipe.toml")
    assert "asked with another recipe; leave it out" in refused.err


def test_where_there_is_nothing_to_go_on_with_nothing_is_begun(assay: Assay) -> None:
    told = assay("ablate", "animals", "--tricks", "EMA", "--resume", "--out", "out")
    assert (told.code, Path("out").exists()) == (2, False)
    assert "--out out: there is no ablate to go on with; leave --resume out to start" in told.err
    assert "--resume needs --out FOLDER" in assay("ablate", "animals", "--resume").err
    assert "SOURCE is missing; name a data set, or go on with a study by --resume" in assay("ablate").err
