"""The whole recipe on real data, tiny budgets: what it leaves, and that no stop loses or repeats anything."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from sqlalchemy import create_engine, text

from assay.artifact import load_model
from assay.data.open import open_data
from assay.evaluation import evaluate
from assay.pipeline import run
from assay.recipe_toml import read_recipe
from assay.report.story import STAGES as ALL_STAGES
from assay.report.story import RunStory
from assay.stages.request import Request
from assay.stages.session import Progress
from assay.stages.sitting import database_in

pytestmark = pytest.mark.slow
REQUEST, SHORT = Request("digits", 25.0), Request("digits", 15.0)
SUMMARY = {
    *("source", "seed", "seconds", "stages", "baselines", "validation"),
    *("test", "tricks", "recipe", "model", "report", "environment"),
}
FINDING = {"id", "level", "summary", "evidence", "cause", "fix", "source"}
SCORE = {"metric", "value", "interval", "n"}
TRICK = {"trick", "effect", "interval", "n", "verdict", "kept", "seconds_per_step_ratio"}


def rows_of(folder: Path, query: str) -> list[tuple[object, ...]]:
    engine = create_engine(database_in(folder))
    with engine.connect() as connection:
        rows = [tuple(row) for row in connection.execute(text(query))]
    engine.dispose()
    return rows


def summary_of(folder: Path) -> dict[str, object]:
    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is no JSON")

    return json.loads((folder / "summary.json").read_text(), parse_constant=refuse)


STAGES = tuple(name for name in ALL_STAGES if name != "decisions")
"""Of a run without reviewers' decisions."""


def check_whole(folder: Path, story: RunStory) -> None:
    """Everything a finished run promises."""
    assert {path.name for path in folder.iterdir()} == {
        "report.html", "summary.json", "recipe.toml", "model.safetensors", "assay.db", "audit.parquet", "curves.jsonl",
    }  # fmt: skip
    summary = summary_of(folder)
    assert set(summary) == SUMMARY
    assert list(summary["stages"]) == list(STAGES)
    for stage in summary["stages"].values():
        assert set(stage) == {"status", "seconds", "findings"}
        assert stage["status"] in ("done", "partial")
        assert stage["seconds"] >= 0
        assert all(set(finding) == FINDING for finding in stage["findings"])
        assert stage["findings"]
    assert all(isinstance(value, float) for value in summary["baselines"].values())
    assert set(summary["validation"]) == SCORE
    assert set(summary["test"]) == {*SCORE, "reads"}
    for score in (summary["validation"], summary["test"]):
        low, high = score["interval"]
        assert low <= score["value"] <= high
    assert summary["test"]["reads"] == 1
    for row in summary["tricks"]:
        assert set(row) >= {*TRICK, "p", "chance_it_helps", "validation_examples", "seconds_per_step_range", "epochs"}
    assert Path(summary["model"]).is_file()
    assert Path(summary["report"]).is_file()
    assert (summary["test"]["value"], summary["recipe"]) == (story.test.value, story.recipe)
    assert rows_of(folder, "select count(*) from assay_test_reads") == [(1,)]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, RunStory]:
    """One undisturbed run."""
    folder = tmp_path_factory.mktemp("digits") / "out"
    return folder, run(REQUEST, folder)


def test_leaves_what_it_promises(finished: tuple[Path, RunStory]) -> None:
    check_whole(*finished)


def test_the_model_and_its_recipe_are_those_of_the_report(finished: tuple[Path, RunStory]) -> None:
    folder, story = finished
    data, model = open_data("digits", seed=0), load_model(folder)
    assert read_recipe(folder / "recipe.toml") == model.recipe
    assert model.recipe.describe() == story.recipe
    for split, score in ((data.validation, story.validation), (data.test, story.test)):
        assert evaluate(model.module, split, data.specification).value == score.value


def test_it_learns(finished: tuple[Path, RunStory]) -> None:
    """Twenty-five seconds, however slow the machine, beat knowing nothing: a tenth."""
    _, story = finished
    assert story.test.low > 0.5


def test_the_page_needs_nothing_else(finished: tuple[Path, RunStory]) -> None:
    page = (finished[0] / "report.html").read_text()
    assert "<script src=" not in page
    assert "<link rel=\"stylesheet\"" not in page  # fmt: skip
    for stage in finished[1].stages:
        assert stage.title in page


def test_a_second_call_trains_nothing_and_reads_nothing(finished: tuple[Path, RunStory]) -> None:
    folder, story = finished
    before = rows_of(folder, "select count(*) from assay_trials")
    model = (folder / "model.safetensors").read_bytes()
    again = run(REQUEST, folder)
    assert rows_of(folder, "select count(*) from assay_trials") == before
    assert (folder / "model.safetensors").read_bytes() == model
    check_whole(folder, again)
    assert [stage.report for stage in again.stages] == [stage.report for stage in story.stages]


def test_leaves_threads_and_random_state_alone(finished: tuple[Path, RunStory], random_state_untouched: None) -> None:
    threads = torch.get_num_threads()
    run(REQUEST, finished[0])
    assert torch.get_num_threads() == threads


class StopIn:
    """Ctrl-C at the `after`-th message of a stage, or in the next one where a slow machine has less to say."""

    def __init__(self, stage: str, after: int) -> None:
        self.stage, self.after, self.seen, self.stopped_in = stage, after, 0, ""

    def __call__(self, progress: Progress) -> None:
        self.seen += progress.stage == self.stage
        is_late = progress.stage in STAGES[STAGES.index(self.stage) + 1 :]
        if not self.stopped_in and (self.seen == self.after or is_late):
            self.stopped_in = progress.stage
            raise KeyboardInterrupt("the stop of this test")


@pytest.mark.parametrize(("stage", "after"), [("overfit", 2), ("ablate", 6), ("tune", 2), ("squeeze", 2)])
def test_a_stop_anywhere_loses_no_finished_work(tmp_path: Path, stage: str, after: int) -> None:
    folder, stop = tmp_path / "out", StopIn(stage, after)
    with pytest.raises(KeyboardInterrupt, match="the stop of this test"):
        run(SHORT, folder, announce=stop)
    assert not (folder / "summary.json").exists()
    finished_before = rows_of(folder, "select name, result, finished from assay_stages order by id")
    trials_before = rows_of(folder, "select key, result, finished from assay_trials order by id")
    assert [name for name, *_ in finished_before] == list(STAGES[: STAGES.index(stop.stopped_in)])
    story = run(SHORT, folder)
    check_whole(folder, story)
    assert rows_of(folder, "select name, result, finished from assay_stages order by id")[: len(finished_before)] == (
        finished_before
    )
    assert rows_of(folder, "select key, result, finished from assay_trials order by id")[: len(trials_before)] == (
        trials_before
    )
    assert rows_of(folder, "select count(*) from assay_runs") == [(1,)]


def stop_often(folder: Path, request: Request, every: int) -> tuple[RunStory, int]:
    """Stop at every `every`-th message until the run is through."""
    for sitting in range(40):
        heard = 0

        def announce(_: Progress) -> None:
            nonlocal heard
            heard += 1
            if heard == every:
                raise KeyboardInterrupt("the stop of this test")

        try:
            return run(request, folder, announce=announce), sitting
        except KeyboardInterrupt:
            continue
    raise AssertionError("the run never ended: something is done again in every sitting")


def test_many_stops(tmp_path: Path) -> None:
    story, stops = stop_often(tmp_path / "out", SHORT, every=12)
    assert stops > 1
    check_whole(tmp_path / "out", story)


def write_regression(folder: Path) -> Request:
    random = np.random.default_rng(0)
    a, b, colour = random.normal(size=200), random.normal(size=200), random.choice(["red", "blue"], 200)
    price = 2 * a - b + 3 * (colour == "red")
    lines = [f"{x},{1000 * y},{c},{p}" for x, y, c, p in zip(a, b, colour, price, strict=True)]
    (folder / "table.csv").write_text("\n".join(["a,b,colour,price", *lines]) + "\n")
    return Request(str(folder / "table.csv"), 15.0, target="price")


def write_parquet(folder: Path) -> Request:
    import polars

    random = np.random.default_rng(0)
    a, b = random.normal(size=200), random.normal(size=200)
    table = polars.DataFrame({"a": a, "b": b, "bought": np.where(a + b > 0, "yes", "no")})
    table.write_parquet(folder / "table.parquet")
    return Request(str(folder / "table.parquet"), 15.0, target="bought")


def write_vectors(folder: Path) -> Request:
    random = np.random.default_rng(0)
    x = random.normal(size=(150, 5)).astype(np.float32)
    np.savez(folder / "vectors.npz", x=x, y=(x[:, 0] > 0).astype(np.int64))
    return Request(str(folder / "vectors.npz"), 15.0)


def write_folders(folder: Path) -> Request:
    random = np.random.default_rng(0)
    for number in range(3):
        (folder / "pictures" / f"class {number}").mkdir(parents=True)
        for index in range(12):
            pixels = random.integers(0, 80, (20, 30, 3)).astype(np.uint8)
            pixels[..., number] += 120
            Image.fromarray(pixels).save(folder / "pictures" / f"class {number}" / f"{index}.png")
    return Request(str(folder / "pictures"), 20.0)


@pytest.mark.parametrize("write", [write_regression, write_parquet, write_vectors, write_folders])
def test_other_sources(tmp_path: Path, write: Callable[[Path], Request]) -> None:
    """Nothing in a summary is missing, infinite or about another kind of data."""
    story = run(write(tmp_path), tmp_path / "out")
    check_whole(tmp_path / "out", story)
    findings = [finding for stage in story.stages for finding in stage.report.findings]
    assert all(finding.summary.strip() and "nan" not in finding.summary.lower().split() for finding in findings)
    assert all(math.isfinite(value) for value in (story.test.value, story.test.low, story.test.high))
    if story.data.task == "regression":
        assert story.test.metric == "r2"
        assert "confusions" not in {finding.id for finding in findings}
    if len(story.data.input_shape) == 1:
        assert not {"Flip()", "Cutout()", "CutMix()"} & {row.trick for row in story.tricks}
