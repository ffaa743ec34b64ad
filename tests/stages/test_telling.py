"""From what stages left to a story, and from the story to files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from assay.budget import Budget
from assay.data.data import Data
from assay.finding import Finding, Report, Skipped
from assay.models.mlp import MLP
from assay.recipe import Recipe
from assay.recipe_toml import recipe_to_toml
from assay.report.story import STAGES, Baseline
from assay.stages.request import Request
from assay.stages.session import Session
from assay.stages.telling import QUESTIONS, hardware, summarize_data, tell, tell_stage, write_story
from assay.store.store import Store

REQUEST = Request("somewhere", 60.0, seed=3)
SCORE = {"metric": "accuracy", "value": 0.75, "low": 0.5, "high": 0.9, "n": 8}
TRICK = {"trick": "EMA()", "effect": 0.01, "low": -0.01, "high": 0.03, "n": 3, "verdict": "no measurable effect",
         "kept": True, "detectable": 0.02, "seconds_per_step_ratio": 1.1}  # fmt: skip


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    store = Store(f"sqlite:///{tmp_path / 'assay.db'}")
    run = store.open_run("run", {})
    yield Session(store, run, tmp_path, Budget(60.0, used_before=12.0), lambda progress: None)
    store.close()


def result(stage: str, *, skipped: tuple[Skipped, ...] = (), **more: Any) -> dict[str, Any]:
    report = Report(stage, (Finding("seen", "note", "Something was seen."),), skipped)
    return {"report": report.to_dict(), "seconds": 2.5, **more}


def whole() -> dict[str, dict[str, Any]]:
    toml = recipe_to_toml(Recipe(model=MLP(hidden=(8,)), epochs=2))
    baseline = {"name": "majority class", "metric": "accuracy", "value": 0.25, "low": 0.1, "high": 0.6, "n": 8,
                "seconds": 0.1}  # fmt: skip
    more: dict[str, dict[str, Any]] = {
        "baselines": {"baselines": [baseline]},
        "ablate": {"tricks": [TRICK]},
        "squeeze": {"validation": SCORE, "recipe": toml},
        "test": {"test": {**SCORE, "value": 0.5}},
    }
    return {stage: result(stage, **more.get(stage, {})) for stage in STAGES}


def test_every_stage_has_a_title_and_a_question() -> None:
    assert tuple(QUESTIONS) == STAGES
    assert all(question.endswith("?") for _, question in QUESTIONS.values())


def test_nothing_has_happened_yet(session: Session, tiny_images: Data) -> None:
    story = tell(REQUEST, session, tiny_images, {})
    assert (story.stages, story.baselines, story.tricks) == ((), (), ())
    assert (story.validation, story.test, story.recipe, story.model) == (None, None, None, None)
    assert story.seconds >= 12.0


def test_the_whole_story(session: Session, tiny_images: Data) -> None:
    session.store.record_stage(session.run, "test", {}, test_model="abc")
    story = tell(REQUEST, session, tiny_images, whole())
    assert [stage.name for stage in story.stages] == list(STAGES)
    assert all(stage.seconds == 2.5 for stage in story.stages)
    assert story.baselines == (Baseline("majority class", 0.25, 0.1, 0.6, 8),)
    assert (story.validation.value, story.test.value, story.test.reads) == (0.75, 0.5, 1)  # type: ignore[union-attr]
    assert story.tricks[0].detectable == 0.02
    assert story.recipe is not None
    assert story.recipe.startswith("MLP(hidden=(8,))")
    assert story.model == str(session.folder / "model.safetensors")
    assert dict(story.versions).keys() == {"assay-train", "torch", "numpy", "optuna"}


def test_a_stage_alone_scores_no_model(session: Session, tiny_images: Data) -> None:
    story = tell(REQUEST, session, tiny_images, {"inspect": result("inspect")})
    assert len(story.stages) == 1
    assert story.test is None


def test_what_was_left_out_for_time_makes_a_stage_partial() -> None:
    assert tell_stage("verify", result("verify")).status == "done"
    assert tell_stage("verify", result("verify", skipped=(Skipped("a", "budget"),))).status == "partial"
    assert tell_stage("verify", result("verify", skipped=(Skipped("a", "needs a GPU"),))).status == "done"


def test_data_in_one_line(tiny_images: Data, tiny_table: Data) -> None:
    images, rows = summarize_data(tiny_images), summarize_data(tiny_table)
    assert images.split_sizes == (("training", 24), ("validation", 8), ("test", 8))
    assert (images.noun, rows.noun) == ("images", "examples")
    assert (images.task, rows.task) == ("classification", "regression")
    assert rows.classes == ()


def test_hardware_names_cores_and_threads() -> None:
    assert "core" in hardware(torch.device("cpu"))
    assert "thread" in hardware(torch.device("cpu"))


def test_the_gpu_is_named_where_it_trained_and_only_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: f"Card {device.index}")
    assert "Card" not in hardware(torch.device("cpu"))
    assert hardware(torch.device("cuda", 1)).endswith(", Card 1")


def test_files(session: Session, tiny_images: Data) -> None:
    story = tell(REQUEST, session, tiny_images, whole())
    write_story(story, session.folder)
    summary = json.loads((session.folder / "summary.json").read_text())
    assert summary["source"] == "somewhere"
    assert summary["stages"]["verify"]["findings"][0]["summary"] == "Something was seen."
    assert "Something was seen." in (session.folder / "report.html").read_text()
    names = {path.name for path in session.folder.iterdir() if path.is_file()}
    assert names == {"assay.db", "assay.db-wal", "assay.db-shm", "report.html", "summary.json"}
