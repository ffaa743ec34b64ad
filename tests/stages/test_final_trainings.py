"""The long trainings share what is left of the budget, and the first one happens however late it is."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from assay.budget import Budget
from assay.data.data import Data
from assay.models.mlp import MLP
from assay.optimizers import SGD
from assay.planning import LongPlan, Speed
from assay.recipe import Recipe
from assay.stages.final_trainings import FinalTrainings
from assay.stages.session import Session
from assay.store.store import Store
from assay.training.train import Training

RECIPE = Recipe(MLP((8,)), optimizer=SGD(), batch_size=8, epochs=4)
SPEED = Speed(step=0.01, evaluation=0.001)


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    """Of a budget of 100 s that nothing uses but what a test says."""
    monkeypatch.setattr(Budget, "used", property(lambda budget: budget._before))
    store = Store(f"sqlite:///{tmp_path / 'assay.db'}")
    yield Session(store, store.open_run("run", {}), tmp_path, Budget(100.0), lambda progress: None, device="cpu")
    store.close()


@pytest.fixture
def trainings(session: Session, tiny_images: Data) -> FinalTrainings:
    """Two members and a student of three steps an epoch; a look at the 8 examples of validation takes 8 ms."""
    assert len(tiny_images.validation) == 8
    return FinalTrainings(session, tiny_images, SPEED, LongPlan(2, distil=True), 3, SPEED.step)


def test_each_gets_its_share_of_what_is_left_at_the_speed_of_the_last(trainings: FinalTrainings):
    """97 s but for 12 looks each; a student's step takes 5/3 as long, and it counts a quarter of that."""
    first = 97 / (2 + 5 / 12)
    assert trainings.length("member-0") == {"epochs": int((first - 0.096) / 0.01) / 3, "looks": 10, "until": first}
    assert trainings.length("student") == {"epochs": int(96.904 / (0.01 * 5 / 3)) / 3, "looks": 10, "until": 97}
    trainings.step_seconds = 0.02
    assert trainings.length("member-0")["epochs"] == int((first - 0.096) / 0.02) / 3


def test_only_the_first_is_trained_when_it_is_late(
    trainings: FinalTrainings, session: Session, monkeypatch: pytest.MonkeyPatch
):
    session.budget = Budget(100.0, used_before=99.0)
    assert trainings.length("member-0") == {"epochs": int((10 - 0.096) / 0.01) / 3, "looks": 10, "until": 109.0}
    monkeypatch.setattr(Training, "__init__", lambda *_, **__: pytest.fail("there is no time for it"))
    assert trainings.train("member-1", RECIPE, 1, None) is None


def test_a_length_is_decided_once(trainings: FinalTrainings, session: Session, monkeypatch: pytest.MonkeyPatch):
    session.budget = Budget(100.0, used_before=99.9)
    assert trainings.train("student", RECIPE, 1, None) is None
    session.budget = Budget(100.0)
    assert trainings.train("student", RECIPE, 1, None) is None, "another sitting does what the first decided"
