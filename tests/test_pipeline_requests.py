"""Which question a folder answers: the one it was asked, about the data it was asked about."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from assay import pipeline
from assay.budget import Budget
from assay.data.data import Data
from assay.errors import InputError
from assay.executors.choose import HERE, Workplace
from assay.finding import Finding, Report
from assay.models.mlp import MLP
from assay.pipeline import require_same_data, run
from assay.recipe import Recipe
from assay.recipe_toml import recipe_to_toml
from assay.stages import alone as stage_alone
from assay.stages.alone import run_stage
from assay.stages.request import Request, find_request
from assay.stages.session import Session
from assay.stages.sitting import database_in
from assay.store.finished import look_at_runs
from assay.store.store import Store


def write_vectors(path: Path, *, examples: int, seed: int = 0) -> str:
    """Two classes that one column tells apart."""
    random = np.random.default_rng(seed)
    labels = np.arange(examples) % 2
    np.savez(path, x=random.normal(size=(examples, 3)).astype(np.float32) + labels[:, None], y=labels)
    return str(path)


@pytest.fixture
def small(tmp_path: Path) -> str:
    return write_vectors(tmp_path / "small.npz", examples=60)


def test_another_source_in_the_folder_of_a_stage_is_looked_at_anew(tmp_path: Path, small: str):
    large, out = write_vectors(tmp_path / "large.npz", examples=90), tmp_path / "out"
    first = run_stage("inspect", Request(small, 20.0), out)
    second = run_stage("inspect", Request(large, 20.0), out)
    again = run_stage("inspect", Request(small, 20.0), out)
    totals = [story.stages[0].report.to_dict() for story in (first, second, again)]
    assert totals[0] != totals[1], "the findings of another source were told"
    assert totals[0] == totals[2], "what was found before is found again"


def test_a_changed_file_is_looked_at_anew(tmp_path: Path, small: str):
    first = run_stage("inspect", Request(small, 20.0), tmp_path / "out")
    write_vectors(Path(small), examples=60, seed=1)
    assert run_stage("inspect", Request(small, 20.0), tmp_path / "out").stages[0].report != first.stages[0].report


def test_another_recipe_is_another_question(tmp_path: Path, small: str, monkeypatch: pytest.MonkeyPatch):
    def pretend(session: Session, data: Data, seed: int, recipe: Recipe) -> dict[str, object]:
        return {"report": Report("verify", (Finding("seen", "note", recipe.describe()),)).to_dict()}

    monkeypatch.setattr(stage_alone, "verify_stage", pretend)
    for width in (4, 8):
        story = run_stage("verify", Request(small, 20.0), tmp_path / "out", recipe=Recipe(MLP((width,))))
        assert f"({width},)" in story.stages[0].report.findings[0].summary


def test_a_stage_alone_does_not_pass_for_a_run(tmp_path: Path, small: str):
    run_stage("inspect", Request(small, 20.0), tmp_path / "out")
    assert find_request(tmp_path / "out") is None


def test_a_run_refuses_another_request_in_its_folder(tmp_path: Path, small: str):
    """Also for callers of the library, and before the data is read."""
    store = Store(f"sqlite:///{tmp_path / 'assay.db'}")
    store.open_run(str(tmp_path.resolve()), {"source": "other", "budget_seconds": 20.0, "size": None})
    store.close()
    with pytest.raises(InputError, match=r"started with source 'other', not .*small\.npz"):
        run(Request(small, 20.0), tmp_path)


@pytest.mark.parametrize("start", [run, lambda *asked: run_stage("inspect", *asked)])
def test_a_wrong_device_writes_nothing(tmp_path: Path, small: str, start):
    with pytest.raises(InputError, match="device 'abacus'"):
        start(Request(small, 20.0, device="abacus"), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_run_refuses_to_go_on_with_other_data(tmp_path: Path, small: str):
    store = Store(f"sqlite:///{tmp_path / 'assay.db'}")
    session = Session(store, store.open_run("run", {}), tmp_path, Budget(10.0), lambda _: None, device="cpu")
    request = Request(small)
    require_same_data(session, request.open())
    require_same_data(session, request.open())
    write_vectors(Path(small), examples=60, seed=1)
    with pytest.raises(InputError, match=r"data was changed after the run there began .* use another --out"):
        require_same_data(session, request.open())
    store.close()


def test_looking_at_a_finished_run_again_adds_no_seconds(tmp_path: Path, small: str, monkeypatch: pytest.MonkeyPatch):
    toml, score = recipe_to_toml(Recipe()), {"metric": "accuracy", "value": 0.5, "low": 0.2, "high": 0.8, "n": 8}
    results: dict[str, dict[str, object]] = {
        "inspect": {}, "verify": {}, "baselines": {"baselines": []}, "overfit": {},
        "ablate": {"tricks": [], "recipe": toml}, "tune": {"recipe": toml},
        "squeeze": {"recipe": toml, "validation": score, "history": {}}, "test": {"test": score},
    }  # fmt: skip
    for name, result in results.items():
        given = {"report": Report(name).to_dict(), **result}
        monkeypatch.setattr(pipeline, f"{name}_stage", lambda *_, given=given: dict(given))
    monkeypatch.setattr(pipeline, "choose_threads", lambda *_, **__: 1)
    stories = [run(Request(small, 20.0), tmp_path / "out") for _ in range(2)]
    assert stories[0].seconds == stories[1].seconds > 0.0
    assert sum(stage.seconds for stage in stories[0].stages) <= stories[0].seconds
    store = Store(database_in(tmp_path / "out"))
    assert store.seconds(store.open_run(str((tmp_path / "out").resolve()), {})) == stories[0].seconds
    store.close()


def test_a_run_trains_where_it_is_told_to(tmp_path: Path, small: str, monkeypatch: pytest.MonkeyPatch):
    """Workers of the run open what the run opened, and the parts of it that a stage trains on."""
    sessions = list[Session]()

    def stop(session: Session, request: Request, data: Data, on_stage: object) -> None:
        sessions.append(session)
        assert session.opening is not None
        assert session.opening.of(data) is not None
        raise KeyboardInterrupt

    monkeypatch.setattr(pipeline, "run_stages", stop)
    for place, number in ((HERE, None), (Workplace(3), 3)):
        with pytest.raises(KeyboardInterrupt):
            run(Request(small, 20.0), tmp_path / "out", workplace=place)
        assert getattr(sessions[-1].executor, "workers", None) == number


def test_a_stage_alone_that_ended_is_done_and_another_look_adds_no_seconds(tmp_path: Path, small: str):
    def look() -> tuple[str, float]:
        run_stage("inspect", Request(small, budget_seconds=30), tmp_path / "out")
        (seen,) = look_at_runs(tmp_path / "out" / "assay.db")
        return seen.status, seen.seconds

    first = look()
    assert first[0] == "done"
    assert look() == first
