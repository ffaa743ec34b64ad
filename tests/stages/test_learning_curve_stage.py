"""How much more data would help: with trainings that follow a law, with real ones, after a kill, and untold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from assay.audit.learning_curve.plan import Lengths
from assay.budget import parse_seconds
from assay.data.data import Data
from assay.data.encoders import ArrayEncoder
from assay.data.specification import Normalization, Specification
from assay.data.split import Split
from assay.errors import DivergedError, InputError
from assay.finding import Finding, Report
from assay.models.mlp import MLP
from assay.optimizers import SGD
from assay.recipe import Recipe
from assay.stages.own_learning_curve import measure_learning_curve
from assay.stages.session import Session
from assay.trial import Trial

RECIPE = Recipe(MLP((8,)), optimizer=SGD(), batch_size=32, epochs=2)
Law = Callable[[int, int], float]


def two_blobs(train: int, validation: int = 100, *, regression: bool = False) -> Data:
    """Two clouds that overlap, or their first coordinate to be foretold."""
    generator = torch.Generator().manual_seed(400)
    n = train + validation + 10
    labels = torch.arange(n) % 2
    inputs = torch.randn(n, 4, generator=generator) + labels[:, None]
    targets = 3.0 * inputs[:, 0] + torch.randn(n, generator=generator) if regression else labels
    whole = Split(inputs, targets, tuple(f"row {row}" for row in range(n)))
    first, second, third = (whole.select(part) for part in torch.arange(n).split([train, validation, 10]))
    specification = Specification(
        "regression" if regression else "classification", (4,), Normalization((0.5,) * 4, (1.0,) * 4),
        ArrayEncoder((4,)), () if regression else ("left", "right"), () if regression else (0.5, 0.5),
        target_std=float(targets.float().std()) if regression else 1.0,
    )  # fmt: skip
    return Data("blobs", specification, first, second, third)


@pytest.fixture
def trained() -> list[tuple[int, int]]:
    return []


@pytest.fixture
def by_law(monkeypatch: pytest.MonkeyPatch, trained: list[tuple[int, int]]) -> Callable[[Law], None]:
    """Trainings that take no time and err as a law of size and seed says, each kept in the store as real ones are."""

    def follow(law: Law) -> None:
        def measure_on(self: Session, data: Data, *, text: str | None = None):
            def measure(recipe: Recipe, seed: int) -> Trial:
                key = f"{recipe.key()}-{data.fingerprint}-{seed}"
                found = self.store.find_trial(key)
                if found is not None:
                    return Trial.from_dict(recipe, found)
                trained.append((len(data.train), seed))
                n = len(data.validation)
                error = law(len(data.train), seed)
                scores = np.where(np.arange(n) < round((1 - error) * n), 1.0, 0.0) if error <= 1 else np.zeros(n)
                trial = Trial(recipe, seed, 1 - error, error, n, 10, 0.01, scores)
                self.store.record_trial(key, stage="", description="", recipe={}, result=trial.to_dict())
                return trial

            return measure

        monkeypatch.setattr(Session, "measure_on", measure_on)

    return follow


def found(report: Report, id: str) -> Finding:
    return next(finding for finding in report.findings if finding.id == id)


def test_the_law_of_the_errors_is_foreseen(by_law: Callable[[Law], None], trained: list[tuple[int, int]]) -> None:
    by_law(lambda size, seed: 2.0 * size**-0.4 + 0.02 * (1 + 0.02 * (seed % 3)))
    report = measure_learning_curve(two_blobs(2_000, 4_000), recipe=RECIPE, times=(2, 4), budget_seconds=60, seed=400)
    told = found(report, "learning_curve")
    assert told.evidence["seeds"] == 9
    assert {seed for _, seed in trained} == set(range(400, 409))
    for band in told.evidence["bands"]:
        # Shares of 4,000 are known to a four-thousandth.
        assert band["low"] - 3e-4 <= 2.0 * band["size"] ** -0.4 + 0.0204 <= band["high"] + 3e-4
    assert found(report, "class_gains").evidence["n"] == 9
    assert report.skipped == ()
    assert report.stage == "learning curve"


def test_what_was_trained_is_found_again_after_a_kill_and_for_other_questions(
    by_law: Callable[[Law], None], trained: list[tuple[int, int]], tmp_path: Path
) -> None:
    data = two_blobs(400)

    def killed(size: int, seed: int) -> float:
        if len(trained) == 10:
            raise KeyboardInterrupt("the stop of this test")
        return 0.3 + 0.01 * (seed % 3) - size / 10_000

    by_law(killed)
    with pytest.raises(KeyboardInterrupt, match="the stop of this test"):
        measure_learning_curve(data, recipe=RECIPE, budget_seconds=60, folder=tmp_path)
    before = trained[:9]
    trained.clear()
    by_law(lambda size, seed: 0.3 + 0.01 * (seed % 3) - size / 10_000)
    report = measure_learning_curve(data, recipe=RECIPE, budget_seconds=60, folder=tmp_path)
    assert not set(before) & set(trained)
    trained.clear()
    assert measure_learning_curve(data, recipe=RECIPE, budget_seconds=60, folder=tmp_path) == report
    assert trained == []
    # Another question is answered from the same trainings.
    third = measure_learning_curve(data, recipe=RECIPE, times=(3,), budget_seconds=60, folder=tmp_path)
    assert trained == []
    assert found(third, "learning_curve").evidence["size"] == 1200


def test_real_trainings_of_classes_and_of_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assay.audit.learning_curve.plan.FEWEST_STEPS", 4)
    monkeypatch.setattr("assay.stages.learning_curve.MOST_SEEDS", 3)
    said = set[str]()
    report = measure_learning_curve(
        two_blobs(160), recipe=RECIPE, budget_seconds=60, announce=lambda moment: said.add(moment.text.split(",")[0])
    )
    assert found(report, "learning_curve").evidence["measured"] == 160
    assert "160 examples" in said
    regression = measure_learning_curve(two_blobs(160, regression=True), recipe=Recipe(
        MLP((8,)), loss=_squares(), optimizer=SGD(), batch_size=32, epochs=2), budget_seconds=60)  # fmt: skip
    told = found(regression, "learning_curve")
    assert "%" not in told.summary
    assert "the root mean square error would be " in told.summary
    assert told.figures[0].y_label == "root mean square error"  # pyright: ignore


def test_the_test_split_is_not_looked_at(by_law: Callable[[Law], None]) -> None:
    class Untouchable:
        def __len__(self) -> int:
            return 10

        def __getitem__(self, index: int) -> torch.Tensor:
            raise AssertionError("the test split was read")

        def select(self, indices: object) -> Untouchable | torch.Tensor:
            return self if len(indices) else torch.zeros(0, 4)  # pyright: ignore

    data = two_blobs(200)
    by_law(lambda size, seed: 0.3 - size / 10_000 + 0.01 * (seed % 2))
    hidden = replace(data, test=replace(data.test, inputs=Untouchable()))
    assert measure_learning_curve(hidden, recipe=RECIPE, budget_seconds=60).findings


def test_multiples_out_of_reach_are_left_out_with_the_reason(
    by_law: Callable[[Law], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    by_law(lambda size, seed: 2.0 * size**-0.4 + 0.001 * (seed % 3))
    monkeypatch.setattr("assay.stages.learning_curve.Growth.time_is_left", lambda self, pairs: False)
    monkeypatch.setattr("assay.stages.learning_curve.first_size", lambda sizes, lengths, **known: 0)
    # The first five of 1,200 examples' sizes end at 101.
    report = measure_learning_curve(two_blobs(1_000, 4_000), recipe=RECIPE, budget_seconds=60)
    told = found(report, "learning_curve")
    assert [band["times"] for band in told.evidence["bands"]] == [1.0]
    assert told.summary.startswith("At all 1,000 examples the error would be ")
    assert [skip.id for skip in report.skipped] == ["at_2_times", "at_4_times"]
    assert "that the budget had time for; give a larger --budget" in report.skipped[0].reason
    far = found(measure_learning_curve(two_blobs(2_000, 4_000), recipe=RECIPE, budget_seconds=60), "learning_curve")
    reach = 10 * far.evidence["measured"]
    assert reach < 2_000
    assert far.summary.startswith(f"At {reach:,} examples the error would be ")
    assert f"with {reach // 10:,} of 2,000 it is" in far.summary


def test_what_cannot_be_told_is_said(by_law: Callable[[Law], None]) -> None:
    small = measure_learning_curve(two_blobs(40), recipe=RECIPE)
    assert small.findings == ()
    assert "40 training examples are too few to be made fewer: a curve needs 64 here" in small.skipped[0].reason
    by_law(lambda size, seed: 0.2 if size < 100 else 0.0)
    perfect = measure_learning_curve(two_blobs(400), recipe=RECIPE, budget_seconds=60)
    assert "training examples no error is left on 100 held-out examples" in perfect.findings[0].summary


def test_wrong_requests_and_diverged_trainings_are_refused(by_law: Callable[[Law], None]) -> None:
    for times in ((), (1.0,), (2.0, 11.0)):
        with pytest.raises(InputError, match=r"times must be above 1 and at most 10, got \["):
            measure_learning_curve(two_blobs(200), times=times)
    by_law(lambda size, seed: float("nan") if size > 50 else 0.5)
    with pytest.raises(DivergedError, match=r"the training on \d+ examples under seed 0 diverged"):
        measure_learning_curve(two_blobs(200, regression=True), recipe=replace(RECIPE, loss=_squares()))


def _squares():
    from assay.losses import MeanSquaredError

    return MeanSquaredError()


class Clock:
    """Seconds that pass by work alone: how many a unit of work takes can change on the way."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now, self.each = 0.0, 1e-3
        monkeypatch.setattr("assay.budget.Budget.used", property(lambda budget: self.now))

    def work(self, size: int) -> None:
        self.now += self.each * Lengths(RECIPE.batch_size, RECIPE.epochs).work(size)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    monkeypatch.setattr("assay.stages.learning_curve.first_size", lambda sizes, lengths, **known: 0)
    return Clock(monkeypatch)


def test_on_a_machine_that_is_too_slow_for_a_curve_it_stops_at_the_budget_and_tells_what_is_finished(
    by_law: Callable[[Law], None], trained: list[tuple[int, int]], clock: Clock, tmp_path: Path
) -> None:
    def slow(size: int, seed: int) -> float:
        clock.work(size)
        return 0.3 - size / 10_000

    clock.each = 0.1
    by_law(slow)
    data = two_blobs(400)
    report = measure_learning_curve(data, recipe=RECIPE, budget_seconds=60, folder=tmp_path)
    assert 60 < clock.now <= 1.25 * 60
    assert 3 <= len(trained) < 15
    (skipped,) = report.skipped
    assert skipped.reason.startswith(f"the budget had time for {len(trained)} of the 15 trainings that a curve needs")
    told = found(report, "errors_so_far")
    assert sum(map(len, told.evidence["errors"].values())) == len(trained)
    assert "100 held-out examples so far, by training examples: 30.0 % on" in told.summary
    asked = parse_seconds(told.fix.split("--budget ")[1].split(":")[0])
    # With what it asks for there is a curve, and nothing is trained twice.
    before = trained.copy()
    clock.now = 0.0
    again = measure_learning_curve(data, recipe=RECIPE, budget_seconds=asked, folder=tmp_path)
    assert found(again, "learning_curve")
    assert len(set(trained)) == len(trained)
    assert trained[: len(before)] == before


def test_a_machine_that_slows_down_ends_a_curve_with_the_sizes_that_are_whole(
    by_law: Callable[[Law], None], trained: list[tuple[int, int]], clock: Clock
) -> None:
    def slower(size: int, seed: int) -> float:
        # From the sixth size on everything takes hundreds of times as long.
        clock.each = 0.3 if len(trained) > 15 else 1e-3
        clock.work(size)
        return 0.3 + 0.01 * (seed % 3) - size / 10_000

    by_law(slower)
    report = measure_learning_curve(two_blobs(2_000), recipe=RECIPE, budget_seconds=60)
    sizes = sorted({size for size, _ in trained})
    assert len(sizes) == 6
    assert len(trained) < 18, "the sixth size is not whole"
    assert found(report, "learning_curve").evidence["measured"] == sizes[4]
    assert clock.now <= 1.25 * 60


def test_a_machine_that_slows_down_ends_further_seeds(
    by_law: Callable[[Law], None], trained: list[tuple[int, int]], clock: Clock
) -> None:
    def slower(size: int, seed: int) -> float:
        clock.each = 1.0 if seed >= 4 else 1e-3
        clock.work(size)
        return 0.3 + 0.01 * (seed % 3) - size / 10_000

    by_law(slower)
    report = measure_learning_curve(two_blobs(400), recipe=RECIPE, budget_seconds=60)
    assert found(report, "learning_curve").evidence["seeds"] == 4
    assert {seed for _, seed in trained} == {0, 1, 2, 3, 4}
