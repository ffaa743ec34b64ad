"""`assay run` around a pipeline that does not train: requests, folders and exit codes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cli_support import Assay

from assay import pipeline
from assay.executors.choose import Workplace
from assay.finding import Finding, Report
from assay.report.story import DataSummary, RunStory, StageStory
from assay.stages.request import Request


@pytest.fixture
def pretend(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Request, Path]]:
    """Requests that reached the pipeline; each ends with one finding of the level that its seed names."""
    asked: list[tuple[Request, Path]] = []

    def run(request: Request, folder: Path, *, on_stage: Callable[[Report], None], **_: Any) -> RunStory:
        asked.append((request, folder))
        level = ("note", "suspect", "proved")[request.seed]
        report = Report("inspect", (Finding("planted", level, "A planted finding."),))
        on_stage(report)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "summary.json").touch()
        stage = StageStory("inspect", "Inspect", "What is in it?", "done", 1.0, report)
        return RunStory(request.source, "pretend", request.seed, 1.0, 60.0, "", DataSummary("classification", (3,)),
                        (stage,))  # fmt: skip

    monkeypatch.setattr(pipeline, "run", run)
    return asked


@pytest.mark.parametrize("option", [("--budget", "5m"), ("--seed", "1"), ("--skip-bad",), ("--size", "32")])
def test_going_on_without_source_refuses_what_it_would_not_hear(assay: Assay, option: tuple[str, ...]) -> None:
    told = assay("run", "--resume", "--out", "a", *option)
    assert told.code == 2
    assert told.lines == [
        f"assay: {option[0]}: a run that is gone on with keeps what it was started with; leave it out, or start a "
        "new run of a SOURCE"
    ]


@pytest.mark.parametrize(("seed", "code"), [(0, 0), (1, 0), (2, 1)])
def test_strict_fails_only_on_what_is_proved(assay: Assay, pretend: list[Any], seed: int, code: int) -> None:
    assert assay("run", "digits", "--seed", seed, "--strict", "--out", "a").code == code
    assert assay("run", "digits", "--seed", seed, "--out", "b").code == 0


def test_options_reach_the_request(assay: Assay, pretend: list[tuple[Request, Path]]) -> None:
    told = assay("run", "x.csv", "--budget", "1h30m", "--target", "y", "--group", "g", "--size", "8x9", "--skip-bad",
                 "--impute", "--seed", 1, "--device", "cpu", "--out", "out")  # fmt: skip
    assert told.code == 0, told.err
    assert pretend == [
        (Request("x.csv", 5400.0, 1, "y", "g", (8, 9), skip_bad=True, impute=True, device="cpu"), Path("out"))
    ]


@pytest.mark.parametrize(
    ("given", "place"),
    [((), Workplace()), (("--workers", 2), Workplace(2)), (("--on", "ray"), Workplace(on="ray"))],
)
def test_the_place_to_train_reaches_the_run(
    assay: Assay, monkeypatch: pytest.MonkeyPatch, given: tuple[object, ...], place: Workplace
) -> None:
    reached = list[Workplace]()

    def run(request: Request, folder: Path, *, workplace: Workplace, **_: Any) -> None:
        reached.append(workplace)
        raise KeyboardInterrupt

    monkeypatch.setattr(pipeline, "run", run)
    assert assay("run", "digits", *given, "--out", "out").code == 130
    assert reached == [place]


def test_findings_are_told_as_they_come_and_at_the_end(assay: Assay, pretend: list[Any]) -> None:
    """A stage in a line while the next is at work, its alarms with it; all of it once, at the end."""
    told = assay("run", "digits", "--out", "out")
    assert told.err.startswith("inspect   0 proved, 0 suspect, 1 note, 0 skipped")
    assert "A planted finding." not in told.err
    assert told.out.count("A planted finding.") == 1
    assert "A planted finding." in assay("run", "digits", "--seed", 1, "--out", "other").err


def test_a_finished_folder_is_refused_and_the_next_number_taken(assay: Assay, pretend: list[Any]) -> None:
    assert assay("run", "digits").code == 0
    assert assay("run", "digits").code == 0
    assert [folder for _, folder in pretend] == [Path("assay-runs/digits"), Path("assay-runs/digits-2")]
    told = assay("run", "digits", "--out", "assay-runs/digits")
    assert told.code == 2
    assert "holds finished results" in told.err


@pytest.mark.parametrize("left", ["", "assay.db", "work"])
def test_a_stop_tells_how_to_go_on_where_there_is_something_to_go_on_with(
    assay: Assay, monkeypatch: pytest.MonkeyPatch, left: str
) -> None:
    def run(request: Any, folder: Path, **__: Any) -> None:
        if left:
            (folder / left).mkdir(parents=True)
        raise KeyboardInterrupt

    monkeypatch.setattr(pipeline, "run", run)
    told = assay("run", "digits", "--out", "out")
    hint = "; run the same command with --resume to go on" if left else ""
    assert (told.code, told.err) == (130, f"assay: stopped{hint}\n")


def test_a_folder_without_a_runs_state_says_where_it_may_be(assay: Assay) -> None:
    """`--resume --out FOLDER` of a run with a database of its own was answered by `go on by --resume --out FOLDER`."""
    Path("out/work").mkdir(parents=True)
    told = assay("run", "--resume", "--out", "out")
    assert told.code == 2
    assert "out: holds no run to go on with; name its --database if it has one, or give SOURCE to start" in told.err
