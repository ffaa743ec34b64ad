"""The score without leaked examples: by hand, and how often its interval holds the truth."""

from __future__ import annotations

import numpy as np
import pytest

from assay.audit.similar.leaked_score import score_without_leaked
from assay.intervals import wilson_interval


def test_ten_examples_by_hand() -> None:
    correct = np.array([1, 1, 1, 1, 1, 1, 1, 0, 0, 0], dtype=bool)
    leaked = np.array([1, 1, 0, 0, 0, 0, 0, 0, 0, 0], dtype=bool)
    score = score_without_leaked(correct, leaked)
    assert (score.everything.correct, score.everything.n, score.everything.accuracy) == (7, 10, 0.7)
    assert (score.without_leaked.correct, score.without_leaked.n) == (5, 8)
    assert score.leaked is not None
    assert (score.leaked.correct, score.leaked.n) == (2, 2)
    assert score.change == pytest.approx(5 / 8 - 7 / 10)
    assert score.change == pytest.approx(0.2 * (5 / 8 - 1.0))
    assert score.without_leaked.interval == wilson_interval(5, 8)
    low, high = score.change_interval
    assert low < score.change < high


def test_nothing_leaked_changes_nothing() -> None:
    score = score_without_leaked(np.array([True, False]), np.array([False, False]))
    assert (score.change, score.change_interval, score.leaked) == (0.0, (0.0, 0.0), None)


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    print("seed 407")
    generator = np.random.default_rng(407)
    rounds, hits, (clean, memory) = 2000, 0, (0.8, 0.95)
    leaked = np.arange(500) < 40
    for _ in range(rounds):
        correct = generator.random(500) < np.where(leaked, memory, clean)
        low, high = score_without_leaked(correct, leaked).change_interval
        hits += low <= leaked.mean() * (clean - memory) <= high
    assert 0.94 <= hits / rounds <= 0.995  # with 40 leaked examples the added success and failure make it careful


@pytest.mark.parametrize(
    ("correct", "leaked", "message"),
    [
        (np.array([1, 0]), np.array([True, False]), "must be true or false for each example, got int64 and bool"),
        (np.array([True]), np.array([True, False]), r"one entry for each example, got shapes \(1,\) and \(2,\)"),
        (np.array([True]), np.array([True]), "some test example must not have leaked, got 1 of 1 leaked"),
    ],
)
def test_bad_input_is_refused(correct: np.ndarray, leaked: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        score_without_leaked(correct, leaked)
