"""The interval of a difference of scores: a published example, its limits, and how often it holds the truth."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from assay.example_scores import keep_scores
from assay.intervals import difference_interval, wilson_interval
from assay.report.story import Score
from assay.run_comparison.difference import correlation, score_difference


def accuracy(right: int, n: int) -> Score:
    return Score("accuracy", right / n, *wilson_interval(right, n), n)


def kept(scores: np.ndarray, name: str = "a") -> dict:
    return keep_scores([f"{name}{number}" for number in range(len(scores))], torch.from_numpy(scores).double())


def test_unpaired_as_newcombe_published() -> None:
    """Newcombe 1998 (p. 873), table II, method 10: 56/70 - 48/80 is .2000, .0524 to .3339."""
    low, high = difference_interval(accuracy(56, 70), accuracy(48, 80))
    assert (low, high) == (pytest.approx(0.0524, abs=1e-4), pytest.approx(0.3339, abs=1e-4))


def test_paired_by_hand() -> None:
    first = np.array([1.0] * 30 + [0.0] * 10)
    second = np.array([1.0] * 28 + [0.0] * 2 + [1.0] * 4 + [0.0] * 6)
    r = np.corrcoef(first, second)[0, 1]
    (k, u), (v, w) = wilson_interval(30, 40), wilson_interval(32, 40)
    found = score_difference(accuracy(30, 40), accuracy(32, 40), (kept(first), kept(second)))
    assert found.paired
    assert found.value == pytest.approx(0.05)
    low = 0.05 - np.sqrt((0.8 - v) ** 2 + (u - 0.75) ** 2 - 2 * r * (0.8 - v) * (u - 0.75))
    high = 0.05 + np.sqrt((w - 0.8) ** 2 + (0.75 - k) ** 2 - 2 * r * (w - 0.8) * (0.75 - k))
    assert (found.low, found.high) == (pytest.approx(low), pytest.approx(high))
    assert found.is_noise


def test_pairing_is_narrower_and_needs_the_same_examples() -> None:
    scores = np.array([1.0] * 35 + [0.0] * 5)
    alone = score_difference(accuracy(35, 40), accuracy(35, 40))
    paired = score_difference(accuracy(35, 40), accuracy(35, 40), (kept(scores), kept(scores)))
    other = score_difference(accuracy(35, 40), accuracy(35, 40), (kept(scores), kept(scores, "b")))
    assert alone.low < paired.low < 0 < paired.high < alone.high
    assert not other.paired
    assert other == alone
    assert alone.low == -alone.high < 0


def test_exchange_turns_the_interval_round() -> None:
    one, other = accuracy(30, 40), accuracy(77, 80)
    (low, high), (back_low, back_high) = difference_interval(one, other), difference_interval(other, one)
    assert (low, high) == (pytest.approx(-back_high), pytest.approx(-back_low))


def test_correlation_at_its_ends() -> None:
    ones = np.ones(4)
    assert correlation(ones, ones) == 1.0
    assert correlation(ones, np.array([1.0, 0.0, 1.0, 0.0])) == 0.0
    assert correlation(np.array([1.0, 0.0]), np.array([0.0, 1.0])) == pytest.approx(-1.0)


@pytest.mark.parametrize(("shares", "n"), [((0.85, 0.04, 0.07, 0.04), 300), ((0.5, 0.2, 0.2, 0.1), 60),
                                           ((0.96, 0.01, 0.02, 0.01), 360)])  # fmt: skip
def test_it_holds_the_truth_in_95_of_100_drawn_pairs(shares: tuple[float, ...], n: int) -> None:
    """shares: both right, only the first, only the second, neither."""
    seed, studies = 7, 1500
    print(f"seed {seed}")
    random, held = np.random.default_rng(seed), 0
    truth = shares[2] - shares[1]
    answers = np.array([(1, 1), (1, 0), (0, 1), (0, 0)], float)
    for _ in range(studies):
        first, second = answers[random.choice(4, n, p=shares)].T
        low, high = difference_interval(
            accuracy(int(second.sum()), n), accuracy(int(first.sum()), n), correlation(first, second)
        )
        held += low <= truth <= high
    assert 0.93 <= held / studies <= 0.985
