"""The device that was asked for is the one that every stage trains on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from assay import pipeline
from assay.budget import Budget
from assay.data.data import Data
from assay.pipeline import run_stages
from assay.planning import Speed
from assay.recipe import Recipe
from assay.stages import comparison, overfit, tune
from assay.stages.request import Request
from assay.stages.session import Session
from assay.store.store import Store


class Told(Exception):
    """What a stage told the part that trains."""

    def __init__(self, options: dict[str, Any]) -> None:
        self.options = options


def tell(*_: Any, **options: Any) -> Any:
    raise Told(options)


@pytest.fixture
def session(tmp_path: Path):
    store = Store(f"sqlite:///{tmp_path / 'assay.db'}")
    yield Session(store, store.open_run("run", {}), tmp_path, Budget(100.0), lambda _: None, device="cpu")
    store.close()


def test_overfitting(session: Session, tiny_images: Data, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(overfit, "fit_on", tell)
    with pytest.raises(Told) as told:
        overfit.overfit_stage(session, tiny_images, 0)
    assert told.value.options["device"] == session.device


def test_tuning(session: Session, tiny_images: Data, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tune, "tune", tell)
    monkeypatch.setattr(comparison, "measure_speed", lambda *_, **__: Speed(1e-3, 1e-5))
    session.stage_name = "tune"
    with pytest.raises(Told) as told:
        tune.tune_stage(session, tiny_images, 0, Recipe(batch_size=8))
    assert told.value.options["device"] == session.device


def test_counting_threads(session: Session, tiny_images: Data, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pipeline, "choose_threads", tell)
    with pytest.raises(Told) as told:
        run_stages(session, Request("tiny"), tiny_images, lambda _: None)
    assert told.value.options["device"] == session.device
