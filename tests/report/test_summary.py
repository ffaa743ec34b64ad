"""The summary of a run: exactly the promised fields, and null for what is not reached."""

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from assay import whole_file
from assay.finding import Finding, Report
from assay.report import write_summary
from assay.report.story import RunStory, Score, StageStory
from assay.report.summary import summarize


def read_strictly(path: Path) -> dict:
    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is not JSON")

    return json.loads(path.read_text(encoding="utf-8"), parse_constant=refuse)


def test_summary_has_exactly_the_promised_fields(story: RunStory, tmp_path: Path):
    summary = read_strictly(write_summary(story, tmp_path / "summary.json"))
    assert set(summary) == {
        "source", "seed", "seconds", "stages", "baselines", "validation", "test", "tricks", "recipe", "model", "report",
        "environment",
    }  # fmt: skip
    assert list(summary["stages"]) == [
        "inspect", "verify", "baselines", "overfit", "ablate", "tune", "squeeze", "test",
    ]  # fmt: skip
    assert all(set(stage) == {"status", "seconds", "findings"} for stage in summary["stages"].values())
    finding = summary["stages"]["inspect"]["findings"][0]
    assert set(finding) == {"id", "level", "summary", "evidence", "cause", "fix", "source"}
    assert finding["level"] == "proved"
    assert summary["baselines"]["nearest_neighbours"] == 0.986
    assert summary["validation"] == {"metric": "accuracy", "value": 0.9965, "interval": [0.981, 0.9994], "n": 288}
    assert summary["test"] == {
        "metric": "accuracy", "value": 0.9917, "interval": [0.976, 0.9972], "n": 360, "reads": 1,
    }  # fmt: skip
    assert summary["tricks"][0] == {
        "trick": "one_cycle", "effect": 0.0087, "interval": [0.0047, 0.0127], "n": 5, "verdict": "helps",
        "kept": True, "seconds_per_step_ratio": 1.0,
    }  # fmt: skip


def test_what_a_study_knows_beyond_stands_beside_it(story: RunStory):
    row = replace(story.tricks[0], more={"p": 0.01, "classes": [{"class": "owl", "effect": math.nan}]})
    told = summarize(replace(story, tricks=(row,)))["tricks"][0]
    assert (told["p"], told["classes"]) == (0.01, [{"class": "owl", "effect": None}])
    assert told["trick"] == "one_cycle"


def test_what_is_not_reached_is_null(unfinished: RunStory, tmp_path: Path):
    summary = read_strictly(write_summary(unfinished, tmp_path / "summary.json"))
    assert [summary[name] for name in ("validation", "test", "recipe", "model", "report")] == [None] * 5
    assert summary["tricks"] == []
    assert summary["baselines"] == {}


def test_numbers_that_json_lacks_become_null_and_numpy_numbers_plain(story: RunStory):
    score = Score("accuracy", math.nan, -math.inf, 1.0, 3, 1)
    evidence = {"count": np.int64(3), "share": np.float32(0.5), "path": Path("a/b"), 7: (np.nan, True)}
    report = Report("inspect", (Finding("odd", "note", "odd", evidence),))
    stage = StageStory("inspect", "", "", "done", 0.0, report)
    summary = summarize(replace(story, test=score, stages=(stage,)))
    assert summary["test"]["value"] is None
    assert summary["test"]["interval"] == [None, 1.0]
    told = summary["stages"]["inspect"]["findings"][0]["evidence"]
    assert told == {"count": 3, "share": 0.5, "path": "a/b", "7": [None, True]}
    json.dumps(summary, allow_nan=False)


def test_a_failed_write_leaves_the_old_file_and_no_other(
    story: RunStory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    path = tmp_path / "summary.json"
    path.write_text("old")

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(whole_file.os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        write_summary(story, path)
    assert path.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["summary.json"]


def test_a_file_name_that_is_not_utf8_can_be_told(story: RunStory, tmp_path: Path):
    odd = b"photos/caf\xe9".decode("utf-8", errors="surrogateescape")
    summary = read_strictly(write_summary(replace(story, source=odd), tmp_path / "summary.json"))
    assert summary["source"] == odd
