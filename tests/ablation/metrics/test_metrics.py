"""Metrics as scores of examples: their means are scikit-learn's figures, and their spread is that of the metric."""

from __future__ import annotations

import warnings
from itertools import pairwise

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score, r2_score

from assay.ablation.metrics.calibration import BINS, calibration_scores
from assay.ablation.metrics.catalog import METRICS, find_metric, metric_for
from assay.ablation.metrics.f1 import f1_of_class
from assay.ablation.metrics.metric import Metric
from assay.errors import InputError
from assay.trial import Answers

CLASSES = [name for name, metric in METRICS.items() if metric.task != "regression"]


def draw(seed: int, n: int = 200, classes: int = 4) -> tuple[Answers, np.ndarray]:
    """A network that is right seven times of ten, sure of itself, with a rare class."""
    random = np.random.default_rng(seed)
    shares = np.arange(1, classes + 1) / sum(range(1, classes + 1))
    targets = random.choice(classes, n, p=shares)
    predicted = np.where(random.random(n) < 0.7, targets, random.integers(0, classes, n))
    confidence = random.uniform(0.4, 1.0, n)
    return Answers(predicted.astype(np.int32), confidence.astype(np.float32), random.exponential(1, n)), targets


def expected_calibration_error(confidence: np.ndarray, right: np.ndarray) -> float:
    """As Guo et al. write it, bin by bin."""
    edges, error = np.linspace(0, 1, BINS + 1), 0.0
    for low, high in pairwise(edges):
        inside = (confidence > low) & (confidence <= high)
        if inside.any():
            error += inside.mean() * abs(right[inside].mean() - confidence[inside].mean())
    return error


def independent(name: str, answers: Answers, targets: np.ndarray) -> float:
    """The same figure by other code."""
    if name == "accuracy":
        return float(accuracy_score(targets, answers.predicted))
    if name == "recall":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return float(balanced_accuracy_score(targets, answers.predicted))
    if name == "f1":
        return float(f1_score(targets, answers.predicted, labels=np.unique(targets), average="macro", zero_division=0))
    if name == "calibration":
        return expected_calibration_error(answers.confidence.astype(float), answers.predicted == targets)
    return float(np.mean(answers.losses))


@pytest.mark.parametrize("name", CLASSES)
def test_the_mean_of_scores_is_the_metric(name: str) -> None:
    for seed in range(500, 510):
        answers, targets = draw(seed)
        scores = METRICS[name].scores(answers, targets)
        assert scores.shape == targets.shape
        assert scores.mean() == pytest.approx(independent(name, answers, targets), abs=1e-9)


@pytest.mark.parametrize("name", CLASSES)
def test_without_an_example_it_is_what_the_metric_of_the_others_is(name: str) -> None:
    """Scores of the jackknife differ by n - 1 times what leaving one out changes; of a mean that is the score."""
    answers, targets = draw(511, n=60)
    scores = METRICS[name].scores(answers, targets)
    n = len(targets)
    without = np.array([
        independent(name, Answers(*(np.delete(values, i) for values in (answers.predicted, answers.confidence,
                    answers.losses))), np.delete(targets, i)) for i in range(n)
    ])  # fmt: skip
    # Of recall it is the share of an infinitely small part of the example instead: nearly the same.
    near = {"rel": 0.3, "abs": 0.1} if name == "recall" else {"abs": 1e-6}
    assert scores - scores.mean() == pytest.approx((n - 1) * (without.mean() - without), **near)


@pytest.mark.parametrize("name", ["f1", "calibration", "recall"])
def test_the_spread_of_scores_is_that_of_the_metric_over_samples(name: str) -> None:
    print("seeds 50000 to 50999")
    drawn = [draw(seed, n=400) for seed in range(50000, 51000)]
    scores = [METRICS[name].scores(*one) for one in drawn]
    over_samples = np.std([one.mean() for one in scores])
    told = np.mean([one.std() / np.sqrt(len(one)) for one in scores])
    # 1000 samples know a deviation within 4.5 % at two deviations.
    assert told == pytest.approx(over_samples, rel=0.12)


@pytest.mark.parametrize("sizes", [(100, 100, 3, 3, 3), (200, 2, 2), (50, 20, 5, 5)])
def test_the_variance_of_macro_recall_is_right_with_rare_classes(sizes: tuple[int, ...]) -> None:
    """Classes of fixed size: the mean of what scores say of the variance is the variance over samples."""
    print("seed 530")
    random, targets = np.random.default_rng(530), np.repeat(np.arange(len(sizes)), sizes)
    told, means = [], []
    for _ in range(3000):
        predicted = np.where(random.random(len(targets)) < 0.7, targets, -1).astype(np.int32)
        scores = METRICS["recall"].scores(Answers(predicted, np.ones(len(targets)), np.ones(len(targets))), targets)
        told.append(scores.var() / len(scores))
        means.append(scores.mean())
    # 3000 samples know a variance within 5 % at two deviations; without n_c - 1 it is a third to a half too small.
    assert np.mean(told) == pytest.approx(np.var(means), rel=0.1)


def test_intervals_of_macro_recall_hold_the_truth_with_rare_classes() -> None:
    """Five examples of each rare class; of one arm, whose recall is .7."""
    print("seed 531")
    random, targets = np.random.default_rng(531), np.repeat(np.arange(4), (50, 20, 5, 5))
    inside = 0
    for _ in range(2000):
        predicted = np.where(random.random(len(targets)) < 0.7, targets, -1).astype(np.int32)
        scores = METRICS["recall"].scores(Answers(predicted, np.ones(len(targets)), np.ones(len(targets))), targets)
        inside += abs(scores.mean() - 0.7) <= 1.99 * scores.std(ddof=1) / np.sqrt(len(scores))
    assert 0.92 <= inside / 2000 <= 0.98, inside / 2000


def test_r2_is_that_of_scikit_learn() -> None:
    random = np.random.default_rng(520)
    targets = random.normal(3, 2, 100)
    predicted = (targets + random.normal(0, 1, 100)).astype(np.float32)
    scores = METRICS["r2"].scores(Answers(predicted, np.ones(100), np.zeros(100)), targets)
    assert scores.mean() == pytest.approx(r2_score(targets, predicted))


@pytest.mark.parametrize("label", [0, 3])
def test_of_one_class(label: int) -> None:
    answers, targets = draw(521)
    right = answers.predicted == targets
    chosen = targets == label
    of = {name: METRICS[name].of_class for name in METRICS}
    assert of["r2"] is None
    for name in ("accuracy", "recall"):
        assert of[name](answers, targets, label).mean() == pytest.approx(right[chosen].mean())  # type: ignore[misc]
    assert of["loss"](answers, targets, label).mean() == pytest.approx(answers.losses[chosen].mean())  # type: ignore[misc]
    assert f1_of_class(answers, targets, label).mean() == pytest.approx(
        f1_score(targets, answers.predicted, labels=[label], average="macro")
    )
    alone = of["calibration"](answers, targets, label).mean()  # type: ignore[misc]
    assert alone == pytest.approx(expected_calibration_error(answers.confidence[chosen].astype(float), right[chosen]))


def test_answers_that_are_no_numbers_are_wrong_and_sure_of_nothing() -> None:
    nan = np.full(3, np.nan, np.float32)
    answers, targets = Answers(np.zeros(3, np.int32), nan, nan), np.zeros(3, int)
    assert [METRICS[name].scores(answers, targets).mean() for name in ("accuracy", "recall", "f1", "calibration")] == [
        0.0, 0.0, 0.0, 0.0,
    ]  # fmt: skip


def test_one_example_and_one_class() -> None:
    answers = Answers(np.array([2], np.int32), np.array([0.8], np.float32), np.array([0.2]))
    for name in CLASSES:
        assert np.isfinite(METRICS[name].scores(answers, np.array([2]))).all()
    assert calibration_scores(answers, np.array([2])).mean() == pytest.approx(0.2)


def test_which_way_is_better_and_how_it_is_told() -> None:
    lower = {name for name, metric in METRICS.items() if not metric.higher_is_better}
    assert lower == {"loss", "calibration"}
    assert METRICS["loss"].sign == -1
    assert (METRICS["accuracy"].told(0.0123), METRICS["loss"].told(-0.0123)) == ("+1.23", "-0.0123")
    assert METRICS["accuracy"].told(0.0123, signed=False) == "1.23"


def test_an_unknown_metric_is_refused_with_the_nearest() -> None:
    with pytest.raises(
        InputError, match=r"metric must be one of accuracy, .*, got 'acuracy' \(did you mean 'accuracy'"
    ):
        find_metric("acuracy")


@pytest.mark.parametrize(("name", "task"), [("f1", "regression"), ("r2", "classification")])
def test_a_metric_for_other_data_is_refused(name: str, task: str) -> None:
    with pytest.raises(InputError, match=f"metric {name} is for .*, and this data is for {task}; take one of .*loss"):
        metric_for(name, task)


@pytest.mark.parametrize("metric", METRICS.values(), ids=list(METRICS))
def test_each_has_its_words(metric: Metric) -> None:
    assert metric.unit
    assert metric.title
    assert metric_for(metric.name, "regression" if metric.task == "regression" else "classification") is metric
