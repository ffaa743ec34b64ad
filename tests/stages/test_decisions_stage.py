"""Before and after of a run on corrected labels."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from assay.budget import Budget
from assay.data.data import Data
from assay.planning import Speed, plan_pairs
from assay.recipe import Recipe
from assay.stages import comparison
from assay.stages.decisions import changed_labels, decisions_stage
from assay.stages.session import Session
from assay.store.store import Store
from assay.trial import Measure, Trial


@pytest.fixture
def session(tmp_path: Path):
    store = Store(f"sqlite:///{tmp_path / 'assay.db'}")
    session = Session(store, store.open_run("run", {}), tmp_path, Budget(100.0), lambda _: None, device="cpu")
    session.stage_name = "decisions"
    yield session
    store.close()


def relabelled(data: Data, rows: list[int]) -> Data:
    targets = data.train.targets.clone()
    targets[rows] = (targets[rows] + 1) % len(data.specification.classes)
    return replace(data, train=replace(data.train, targets=targets))


def test_changes_are_labels_that_differ_and_examples_that_are_gone(tiny_images: Data):
    after = relabelled(tiny_images, [0, 3])
    assert changed_labels(tiny_images, tiny_images) == 0
    assert changed_labels(tiny_images, after) == 2
    fewer = replace(after, train=after.train.select(torch.arange(1, len(after.train))))
    assert changed_labels(tiny_images, fewer) == 2


def fake_measure(before: Data, gain: float, seen: list[Data]) -> Any:
    """A stage's `measure_on`: what is trained on other labels than those before is better by `gain`."""

    def measure_on(data: Data) -> Measure:
        seen.append(data)
        extra = gain * changed_labels(before, data)

        def measure(recipe: Recipe, seed: int) -> Trial:
            scores = (np.arange(100) < 60 + extra + seed).astype(float)
            return Trial(recipe, seed, float(scores.mean()), 1.0, 100, 10, 1.0, scores)

        return measure

    return measure_on


@pytest.mark.parametrize(("gain", "level", "verdict"), [(10, "note", "helps"), (-20, "suspect", "hurts")])
def test_both_are_judged_on_the_examples_as_corrected(
    session: Session, tiny_images: Data, monkeypatch: pytest.MonkeyPatch, gain: float, level: str, verdict: str
):
    after, seen = relabelled(tiny_images, [0, 3]), list[Data]()
    monkeypatch.setattr(comparison, "measure_speed", lambda *_, **__: Speed(1e-3, 1e-5))
    monkeypatch.setattr(session, "measure_on", fake_measure(tiny_images, gain, seen))
    result = decisions_stage(session, after, tiny_images, 0, Recipe(batch_size=8))
    (finding,) = result["report"]["findings"]
    assert (finding["id"], finding["level"]) == ("decisions_effect", level)
    assert finding["evidence"]["difference"] == pytest.approx(2 * gain / 100)
    assert f": {verdict}." in finding["summary"]
    assert f"after, the mean of {finding['evidence']['n']} seeds on 100 validation examples;" in finding["summary"]
    assert [data.train.targets[0].item() for data in seen] == [
        tiny_images.train.targets[0].item(),
        after.train.targets[0].item(),
    ]
    assert all(data.validation is after.validation for data in seen)


def test_five_pairs_where_each_training_sees_all_five_times_else_three():
    speed = Speed(step=0.01, evaluation=0.0)
    assert plan_pairs(5.0, speed, steps_per_epoch=10, validation=10) == {"pairs": 5, "epochs": 5.0}
    assert plan_pairs(3.0, speed, steps_per_epoch=10, validation=10) == {"pairs": 3, "epochs": 5.0}
    assert plan_pairs(0.6, speed, steps_per_epoch=10, validation=10)["pairs"] == 3
    assert plan_pairs(1e6, speed, steps_per_epoch=10, validation=10)["epochs"] == 15
