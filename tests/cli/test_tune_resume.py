"""`assay tune --resume --out DIR`: goes on with what the folder was asked, and refuses what it was not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_support import Assay
from resume_support import RECIPE, stop_after

pytestmark = pytest.mark.usefixtures("animals")
SEARCH = ("tune", "animals", "--over", "learning_rate=1e-3:1e-2", "--trials", "3", "--epochs", "1", "--budget", "10m",
          "--recipe", "recipe.toml", "--size", "8x6", "--out", "out")  # fmt: skip


@pytest.fixture(autouse=True)
def recipe() -> None:
    Path("recipe.toml").write_text(RECIPE)


def test_a_stopped_search_goes_on_without_its_options(assay: Assay, monkeypatch: pytest.MonkeyPatch) -> None:
    """There was no such option."""
    with monkeypatch.context() as patched:
        stop_after(2, patched)
        assert assay(*SEARCH).code == 130
    assert not Path("out/summary.json").exists()
    Path("recipe.toml").unlink()
    assert assay("tune", "--resume", "--out", "out").code == 0
    assert "learning_rate" in Path("out/recipe.toml").read_text()
    kept = Path("out/recipe.toml").read_text()
    Path("recipe.toml").write_text(RECIPE)
    for words in (SEARCH, (*SEARCH, "--resume"), ("tune", "animals", "--resume", "--out", "out")):
        assert assay(*words).code == 0
        assert Path("out/recipe.toml").read_text() == kept
    assert len(json.loads(assay("runs", "out", "--json").out)) == 1


def test_what_the_folder_was_not_asked_is_refused(assay: Assay) -> None:
    assert assay(*SEARCH, "--seed", "5").code == 0
    for words, told in (
        # It counted as not given, and the search of seed 5 went on.
        (("--seed", "0"), "out: the tune there was asked with seed 5, not 0; leave it out, or use another --out"),
        (("--trials", "4"), "out: the tune there was asked with trials 3, not 4; leave it out, or use another --out"),
        (("--search", "tpe"), "asked with search 'random', not 'tpe'"),
        (("--over", "momentum=0.5:0.9"), "asked with over ['learning_rate=1e-3:1e-2'], not ['momentum=0.5:0.9']"),
    ):
        refused = assay("tune", "--resume", "--out", "out", *words)
        assert refused.code == 2
        assert told in refused.err
    assert assay("tune", "--resume", "--out", "out", "--seed", "5").code == 0


def test_where_there_is_nothing_to_go_on_with_nothing_is_begun(assay: Assay) -> None:
    told = assay("tune", "animals", "--resume", "--out", "out")
    assert (told.code, Path("out").exists()) == (2, False)
    assert "--out out: there is no tune to go on with; leave --resume out to start" in told.err
    assert "SOURCE is missing; name a data set, or go on with a tuning by --resume" in assay("tune").err
