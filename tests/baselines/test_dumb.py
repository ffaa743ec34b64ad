"""Dumb baselines: known scores on data made by hand, budgets, and what is said of them."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression, Ridge

from assay.baselines import dumb
from assay.baselines.baseline import Baseline
from assay.baselines.dumb import measure_baselines
from assay.data.data import Data
from assay.data.encoders import ArrayEncoder
from assay.data.specification import Normalization, Specification
from assay.data.split import Split
from assay.figure import Table
from assay.finding import Report
from assay.intervals import wilson_interval


def blobs(seed: int = 0, *, distance: float = 6.0, share: float = 0.5, n: int = 300) -> Data:
    """Two Gaussian classes in three dimensions, `distance` deviations apart along each axis."""
    generator = torch.Generator().manual_seed(seed)
    targets = (torch.arange(n) % 100 >= 100 * share).long()
    inputs = torch.randn(n, 3, generator=generator) + distance * targets[:, None]
    specification = Specification(
        task="classification",
        input_shape=(3,),
        normalization=Normalization((0.0,) * 3, (1.0,) * 3),
        encoder=ArrayEncoder((3,)),
        classes=("low", "high"),
        class_frequencies=(share, 1 - share),
    )
    parts = [
        Split(inputs[part], targets[part], tuple(str(i) for i in part.tolist())) for part in torch.arange(n).chunk(3)
    ]
    return Data("blobs", specification, *parts)


def by_name(baselines: tuple[Baseline, ...]) -> dict[str, Baseline]:
    return {baseline.name: baseline for baseline in baselines}


def test_scores_on_separable_classes(random_state_untouched: None) -> None:
    report, baselines = measure_baselines(blobs())
    measured = by_name(baselines)
    assert list(measured) == ["majority class", "zero input", "logistic regression", "nearest neighbours"]
    assert measured["majority class"].value == measured["zero input"].value == 0.5
    assert (measured["majority class"].low, measured["majority class"].high) == wilson_interval(50, 100)
    assert measured["logistic regression"].value == 1.0
    assert measured["nearest neighbours"].value == 1.0
    assert {baseline.n for baseline in baselines} == {100}
    assert {baseline.trained_on for baseline in baselines} == {100}
    assert report.stage == "baselines"
    assert report.ok
    assert report.skipped == ()
    assert Report.from_dict(json.loads(json.dumps(report.to_dict(), allow_nan=False))) == report


def test_the_note_names_the_score_to_beat_and_draws_it() -> None:
    report, baselines = measure_baselines(blobs(distance=1.5))
    note = report.findings[0]
    best = max(baselines, key=lambda baseline: baseline.value)
    assert f"{best.value:.4f} [{best.low:.4f}, {best.high:.4f}] (n=100) by {best.name}" in note.summary
    (table,) = note.figures
    assert [row[0] for row in table.rows] == [baseline.name for baseline in baselines]
    assert table.rows[-1][1:3] == (f"{baselines[-1].value:.3f}", f"[{baselines[-1].low:.3f}, {baselines[-1].high:.3f}]")
    assert note.evidence == {"split": "validation", "best": best.name}
    assert "may tell little" not in note.summary


def test_inputs_without_meaning_are_said_to_tell_little() -> None:
    report, _ = measure_baselines(blobs(distance=0.0))
    assert "the inputs may tell little about the targets" in report.findings[0].summary
    assert report.ok


@pytest.mark.parametrize(("share", "ok"), [(0.96, False), (0.90, True)])
def test_a_constant_answer_that_scores_high_is_suspect(share: float, ok: bool) -> None:
    report, _ = measure_baselines(blobs(share=share))
    assert report.ok is ok
    if not ok:
        alert = report.alerts[0]
        assert (alert.id, alert.level) == ("constant_baseline", "suspect")
        assert "0.9600" in alert.summary
        assert alert.cause
        assert "precision and recall" in alert.fix


def test_random_clean_data_raises_no_alarm() -> None:
    for seed in range(15):
        print("seed", seed)
        report, _ = measure_baselines(blobs(seed, distance=1.0))
        assert report.ok


def test_linear_baseline_is_scikit_learn_on_normalised_inputs() -> None:
    data = blobs(distance=1.0)
    specification = replace(data.specification, normalization=Normalization((0.5,) * 3, (2.0,) * 3))
    data = replace(data, specification=specification)
    _, baselines = measure_baselines(data)

    def prepared(split: Split) -> np.ndarray:
        return ((split.inputs - 0.5) / 2.0).numpy()

    model = LogisticRegression().fit(prepared(data.train), data.train.targets.numpy())
    expected = model.score(prepared(data.validation), data.validation.targets.numpy())
    assert by_name(baselines)["logistic regression"].value == pytest.approx(expected, abs=1e-9)


def test_regression_baselines(tiny_table: Data) -> None:
    report, baselines = measure_baselines(tiny_table)
    measured = by_name(baselines)
    assert list(measured) == ["mean", "zero input", "ridge regression", "nearest neighbours"]
    assert {baseline.metric for baseline in baselines} == {"r2"}
    train, judged = tiny_table.train, tiny_table.validation
    spread = (judged.targets - judged.targets.mean()).square().mean()
    expected = 1 - (judged.targets - train.targets.mean()).square().mean() / spread
    assert measured["mean"].value == pytest.approx(expected.item(), abs=1e-5)
    prepare = tiny_table.specification.normalization
    model = Ridge().fit(prepare(train.inputs).numpy(), train.targets.numpy())
    score = model.score(prepare(judged.inputs).numpy(), judged.targets.numpy())
    assert measured["ridge regression"].value == pytest.approx(score, abs=1e-4)
    for baseline in baselines:
        assert baseline.low <= baseline.value <= baseline.high
    assert report.ok


def test_images_and_other_splits(tiny_images: Data) -> None:
    _, on_validation = measure_baselines(tiny_images)
    assert by_name(on_validation)["nearest neighbours"].value == 1.0
    _, on_train = measure_baselines(tiny_images, split="train")
    assert on_train[0].n == 24


def test_a_smaller_budget_takes_fewer_training_examples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dumb, "NEIGHBOUR_WORK", 100 * 3 * 60.0)  # 60 neighbours for 100 queries of 3 features
    monkeypatch.setattr(dumb, "LINEAR_WORK", 3 * 2 * 80.0)
    monkeypatch.setattr(dumb, "FEWEST_LINEAR", 10)
    _, baselines = measure_baselines(blobs())
    assert by_name(baselines)["nearest neighbours"].trained_on == 60
    assert by_name(baselines)["logistic regression"].trained_on == 80
    _, baselines = measure_baselines(blobs(), budget_seconds=15)
    assert by_name(baselines)["nearest neighbours"].trained_on == 30
    assert by_name(baselines)["logistic regression"].trained_on == 40


def test_what_is_too_large_to_hold_is_sampled_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dumb, "MOST_VALUES", 150)  # 50 examples of 3 features
    _, baselines = measure_baselines(blobs())
    assert {baseline.n for baseline in baselines} == {50}


def test_an_optimiser_that_did_not_converge_is_remarked_not_warned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assay.baselines.linear.MOST_ITERATIONS", 1)
    report, baselines = measure_baselines(blobs(distance=1.0))
    remark = by_name(baselines)["logistic regression"].remark
    assert "converge" in remark
    (table,) = report.findings[0].figures
    assert isinstance(table, Table)
    assert next(row for row in table.rows if row[0] == "logistic regression")[-1] == remark


def test_a_baseline_that_cannot_be_fitted_is_skipped_with_its_reason() -> None:
    data = blobs()
    inputs = data.train.inputs.clone()
    inputs[0, 0] = torch.nan
    broken = replace(data, train=Split(inputs, data.train.targets, data.train.ids))
    report, baselines = measure_baselines(broken)
    assert "logistic regression" not in by_name(baselines)
    assert [skip.id for skip in report.skipped] == ["logistic_regression"]
    assert "NaN" in report.skipped[0].reason


def test_the_same_seed_gives_the_same_scores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dumb, "MOST_VALUES", 90)

    def values(seed: int) -> list[float]:
        return [baseline.value for baseline in measure_baselines(blobs(distance=0.5), seed=seed)[1]]

    assert values(1) == values(1)
    assert values(1) != values(2)


def test_refusals() -> None:
    data = blobs()
    with pytest.raises(ValueError, match="budget_seconds must be above 0, got 0"):
        measure_baselines(data, budget_seconds=0)
    empty = replace(data, validation=data.validation.select(torch.arange(0)))
    with pytest.raises(ValueError, match="baselines need examples in validation, got 0"):
        measure_baselines(empty)
