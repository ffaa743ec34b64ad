"""One sitting after another: nothing finished is done again, and what was under way goes on."""

import json
import math
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from assay.budget import Budget
from assay.data.data import Data
from assay.finding import Report
from assay.models.mlp import MLP
from assay.optimizers import SGD
from assay.recipe import Recipe
from assay.stages.session import Progress, Session, keep_in_time
from assay.store.store import Store
from assay.training.live import LiveTail
from assay.training.train import Training, train
from assay.trial import trial_of

RECIPE = Recipe(MLP((8,)), optimizer=SGD(), batch_size=8, epochs=4)
Open = Callable[..., Session]


@pytest.fixture
def said() -> list[Progress]:
    return []


@pytest.fixture
def sit_down(tmp_path: Path, said: list[Progress]):
    """Opens sitting after sitting of the same run; the process between them is thought dead."""
    stores = []

    def sit_down(*, used_before: float = 0.0, budget_seconds: float = 100.0, only: str | None = None) -> Session:
        store = Store(f"sqlite:///{tmp_path / 'assay.db'}")
        stores.append(store)
        run = store.open_run("run", {})
        budget = Budget(budget_seconds, used_before=used_before)
        return Session(store, run, tmp_path, budget, said.append, device="cpu", only=only)

    yield sit_down
    for store in stores:
        store.close()


@pytest.fixture
def trainings(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The number of every step that is trained."""
    numbers: list[int] = []
    iterate = Training.__iter__

    def counted(self: Training):
        for step in iterate(self):
            numbers.append(step.number)
            yield step

    monkeypatch.setattr(Training, "__iter__", counted)
    return numbers


def test_trials_are_shared_only_of_data_whose_fingerprint_tells_it_from_others(
    sit_down: Open, tmp_path: Path, tiny_images: Data
):
    class Images:
        """Decoded on demand; nobody knows what they hold."""

        def __len__(self) -> int:
            return len(tiny_images.train)

        def __getitem__(self, index: int) -> torch.Tensor:
            return tiny_images.train.inputs[index]

        def select(self, indices: list[int]) -> "Images":
            return self

    class KnownImages(Images):
        def digest(self) -> bytes:
            return b"known"

    session = sit_down()
    with closing(Store(f"sqlite:///{tmp_path / 'trials.db'}")) as session.trials:
        assert session.trials_of(tiny_images) is session.trials
        for images, kept in ((Images(), session.store), (KnownImages(), session.trials)):
            assert session.trials_of(replace(tiny_images, train=replace(tiny_images.train, inputs=images))) is kept
        session.measure_on(tiny_images)(RECIPE, 0)
        assert (session.trials.count_trials(), session.store.count_trials()) == (1, 0)


def test_a_stage_is_computed_once(sit_down: Open):
    computed = []

    def compute() -> dict[str, object]:
        computed.append(1)
        return {"report": {"shape": (1, 8, 8)}, "share": 0.1}

    first = sit_down().stage("inspect", compute)
    again = sit_down().stage("inspect", compute)
    assert len(computed) == 1
    assert first == again, "the first sitting must tell what the second will"
    assert first["report"] == {"shape": [1, 8, 8]}
    assert first["seconds"] >= 0.0


def test_a_stages_seconds_count_all_sittings(sit_down: Open):
    """Started at 10 s of working time, killed, gone on with at 30 s."""

    def die() -> dict[str, object]:
        raise KeyboardInterrupt("the stop of this test")

    with pytest.raises(KeyboardInterrupt, match="the stop of this test"):
        sit_down(used_before=10.0).stage("ablate", die)
    session = sit_down(used_before=30.0)
    result = session.stage("ablate", dict)
    assert 15.0 <= result["seconds"] < 60.0  # 20 but for what the first sitting took by the clock
    assert session.store.seconds(session.run) >= 30.0


def test_a_stages_report_counts_all_sittings_too(sit_down: Open):
    """What the stage measured itself is its last sitting."""

    def die() -> dict[str, object]:
        raise KeyboardInterrupt("the stop of this test")

    with pytest.raises(KeyboardInterrupt, match="the stop of this test"):
        sit_down(used_before=10.0).stage("verify", die)
    result = sit_down(used_before=30.0).stage("verify", lambda: {"report": Report("verify", seconds=0.5).to_dict()})
    assert Report.from_dict(result["report"]).seconds == result["seconds"] >= 15.0


def test_the_seconds_before_a_stop_are_kept(sit_down: Open):
    """A stage that tells nothing of itself for long, and is stopped."""

    def work_and_die() -> dict[str, object]:
        session._last_beat = time.perf_counter()
        session.budget._started -= 7.0
        raise KeyboardInterrupt("the stop of this test")

    session = sit_down(used_before=10.0)
    with pytest.raises(KeyboardInterrupt, match="the stop of this test"):
        session.stage("inspect", work_and_die)
    assert session.store.seconds(session.run) >= 17.0


def test_only_the_test_stage_counts_as_a_reading(sit_down: Open):
    session = sit_down()
    session.stage("inspect", dict)
    assert session.store.test_reads(session.run) == 0
    for _ in range(2):
        sit_down().stage("test", lambda: {"test_model": "model"})
    assert session.store.test_reads(session.run) == 1


def test_decisions_are_the_runs(sit_down: Open):
    assert sit_down().decide("plan", lambda: {"seeds": 3}) == {"seeds": 3}
    assert sit_down().decide("plan", lambda: {"seeds": 9}) == {"seeds": 3}


def test_it_tells_where_the_run_is(sit_down: Open, said: list[Progress]):
    session = sit_down(used_before=25.0)
    session.stage_name = "tune"
    session.say("setting 3", 0.5)
    assert (said[-1].stage, said[-1].text, said[-1].fraction) == ("tune", "setting 3", 0.5)
    assert 25.0 <= said[-1].seconds < 60.0
    assert said[-1].budget_seconds == 100.0
    assert session.store.seconds(session.run) == pytest.approx(said[-1].seconds, abs=1.0)


def test_a_stage_alone_has_the_whole_budget(sit_down: Open):
    alone, together = sit_down(only="verify"), sit_down()
    assert together.seconds_for("verify") < 50.0 < alone.seconds_for("verify") <= 100.0
    assert alone.seconds_for("inspect") == together.seconds_for("inspect")


def test_a_trial_is_trained_once(sit_down: Open, tiny_images: Data, trainings: list[int]):
    first = sit_down().measure_on(tiny_images)(RECIPE, 1)
    assert trainings == list(range(12))
    again = sit_down().measure_on(tiny_images)(RECIPE, 1)
    assert trainings == list(range(12))
    assert again.to_dict() == first.to_dict()
    expected = trial_of(train(RECIPE, tiny_images, seed=1, evaluations=1)).to_dict()
    assert {**first.to_dict(), "seconds": 0} == {**expected, "seconds": 0}


def test_trials_differ_by_recipe_data_and_seed(sit_down: Open, tiny_images: Data):
    session = sit_down()
    measure = session.measure_on(tiny_images)
    measure(RECIPE, 0)
    measure(RECIPE, 1)
    measure(RECIPE.change(epochs=5), 0)
    fewer = replace(tiny_images, train=tiny_images.train.select(torch.arange(16)))
    session.measure_on(fewer)(RECIPE, 0)
    assert session.store.count_trials() == 4
    measure(RECIPE.change(epochs=4.0), 0)
    assert session.store.count_trials() == 4
    assert list(session.work.iterdir()) == [], "a finished trial leaves no checkpoint"


def test_each_training_leaves_its_curve(sit_down: Open, tiny_images: Data, tmp_path: Path):
    session = sit_down()
    session.stage_name = "ablate"
    trial = session.measure_on(tiny_images)(RECIPE, 1)
    tail = LiveTail(tmp_path / "curves.jsonl")
    tail.read()
    (curve,) = tail.curves.values()
    assert list(curve.losses) == list(range(12))
    assert curve.values == {12: trial.value}
    assert (curve.stage, curve.text, curve.total, curve.done) == ("ablate", "baseline, seed 1", 12, True)


def test_a_trial_under_way_goes_on_from_its_checkpoint(
    sit_down: Open, tiny_images: Data, trainings: list[int], monkeypatch: pytest.MonkeyPatch
):
    """Ctrl-C after step 7: what is trained stays trained."""
    session = sit_down()
    # A training is worth a checkpoint after a second of work; these steps are quicker.
    monkeypatch.setattr(session, "say", lambda *_: time.sleep(1.01) if not trainings[1:] else None)
    iterate = Training.__iter__

    def stopped(self: Training):
        for step in iterate(self):
            if step.number == 7:
                raise KeyboardInterrupt("the stop of this test")
            yield step

    with monkeypatch.context() as patched:
        patched.setattr(Training, "__iter__", stopped)
        with pytest.raises(KeyboardInterrupt, match="the stop of this test"):
            session.measure_on(tiny_images)(RECIPE, 0)
    before = len(trainings)
    trial = sit_down().measure_on(tiny_images)(RECIPE, 0)
    assert trainings[before:] == list(range(8, 12))
    expected = train(RECIPE, tiny_images, evaluations=1).validation
    assert (trial.value, trial.loss) == (expected.value, expected.loss)
    assert trial.seconds > 1.0


def test_a_finished_long_training_is_only_evaluated(
    sit_down: Open, tiny_images: Data, trainings: list[int], monkeypatch: pytest.MonkeyPatch
):
    session = sit_down()
    monkeypatch.setattr(session, "say", lambda *_: time.sleep(1.01) if not trainings[1:] else None)
    first = session.train(RECIPE, tiny_images, 0, name="member-0", text="member")
    before = len(trainings)
    again = sit_down().train(RECIPE, tiny_images, 0, name="member-0", text="member")
    assert len(trainings) == before == 12
    assert again.validation.loss == first.validation.loss
    assert again.history == first.history
    assert json.dumps(again.history.to_dict())


@pytest.mark.parametrize(
    ("seconds_left", "expected"),
    [(8.4, 100), (7.7, 100), (4.0, 60), (0.0, 21), (-3.0, 21), (math.inf, 100), (16.01, 172)],
    ids=["in time", "late within tolerance", "half the time", "none", "past", "no limit", "twice the time"],
)
def test_keep_in_time_moves_an_end_that_would_miss_its_time(
    tiny_images: Data, seconds_left: float, expected: int
) -> None:
    # 20 of 100 steps took 2 s: the other 80 need 8 s; 5 % is let pass, and left for looks when there is more time.
    training = Training(Recipe(MLP((4,))), tiny_images)
    training.step, training.total_steps, training.seconds = 20, 100, 2.0
    keep_in_time(training, seconds_left)
    assert training.total_steps == expected


@pytest.mark.parametrize("seconds_left", [-5.0, 0.0, 0.1])
def test_a_training_at_its_end_stays_there(tiny_images: Data, seconds_left: float) -> None:
    """With its time over it was given one more step, looked at validation, and was given another, without end."""
    training = Training(Recipe(MLP((4,))), tiny_images)
    training.step, training.total_steps, training.seconds = 100, 100, 10.0
    keep_in_time(training, seconds_left)
    assert training.total_steps == 100


def test_a_training_whose_time_is_over_has_one_more_step(tiny_images: Data) -> None:
    training = Training(Recipe(MLP((4,))), tiny_images)
    training.step, training.total_steps, training.seconds = 50, 100, 10.0
    keep_in_time(training, -5.0)
    assert training.total_steps == 51


def test_keep_in_time_does_not_lengthen_a_training_that_is_well_under_way(tiny_images: Data) -> None:
    training = Training(Recipe(MLP((4,))), tiny_images)
    training.step, training.total_steps, training.seconds = 25, 100, 2.5
    keep_in_time(training, 60.0)
    assert training.total_steps == 100
