"""Rank correlations: by hand, beside SciPy, and how often their intervals hold a known truth."""

from __future__ import annotations

import itertools
import math
import random

import numpy as np
import pytest

from assay.ablation.rank_correlation import kendall, spearman


def test_by_hand() -> None:
    x, y = (1.0, 2.0, 3.0, 4.0, 5.0), (1.0, 3.0, 2.0, 5.0, 4.0)
    # rho = 1 - 6 sum d² / (n (n² - 1)), d = 0, 1, 1, 1, 1; two of ten pairs are in another order.
    assert spearman(x, y).estimate == pytest.approx(1 - 6 * 4 / (5 * 24))
    assert kendall(x, y).estimate == pytest.approx((8 - 2) / 10)
    half = 1.96 * math.sqrt((1 + 0.8**2 / 2) / 2)
    assert spearman(x, y).low == pytest.approx(math.tanh(math.atanh(0.8) - half))
    assert spearman(x, y).high == pytest.approx(math.tanh(math.atanh(0.8) + half))


def test_p_is_the_share_of_all_orders_that_agree_as_much() -> None:
    x, y = (1.0, 2.0, 3.0, 4.0, 5.0), (1.0, 3.0, 2.0, 5.0, 4.0)
    products = [np.dot(x, order) for order in itertools.permutations(y)]
    upper = sum(product >= np.dot(x, y) for product in products) / 120
    assert spearman(x, y).p == pytest.approx(2 * upper)


@pytest.mark.parametrize("n", [6, 12, 40])
def test_estimates_agree_with_scipy_with_ties_too(n: int) -> None:
    from scipy.stats import kendalltau, spearmanr

    dice = random.Random(n)
    x, y = [float(dice.randrange(n)) for _ in range(n)], [float(dice.randrange(n)) for _ in range(n)]
    assert spearman(x, y).estimate == pytest.approx(spearmanr(x, y).statistic)
    assert kendall(x, y).estimate == pytest.approx(kendalltau(x, y).statistic)
    assert spearman(x, y).p == pytest.approx(spearmanr(x, y).pvalue, abs=0.06)


@pytest.mark.parametrize("n", [6, 12])
@pytest.mark.parametrize("rho", [0.0, 0.6, 0.9])
def test_intervals_hold_the_truth_of_normal_pairs(n: int, rho: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assay.ablation.rank_correlation._by_shuffling", lambda first, second: 1.0)
    dice = np.random.default_rng(500)
    truths = 6 / math.pi * math.asin(rho / 2), 2 / math.pi * math.asin(rho)
    held = np.zeros(2)
    for _ in range(600):
        x = dice.normal(size=n)
        y = rho * x + math.sqrt(1 - rho**2) * dice.normal(size=n)
        found = spearman(x.tolist(), y.tolist()), kendall(x.tolist(), y.tolist())
        held += [one.low <= truth <= one.high for one, truth in zip(found, truths, strict=True)]
    # 600 draws of a rate of .95 lie above .93 in 99 of 100; of few things the intervals are wider than need be.
    assert (held / 600 >= 0.925).all(), held / 600


def test_few_or_equal_things_have_no_interval() -> None:
    few = spearman((1.0, 2.0, 3.0, 4.0), (1.0, 2.0, 3.0, 4.0))
    assert (few.estimate, few.low, few.high) == (pytest.approx(1.0), -1.0, 1.0)
    assert (kendall((1.0, 2.0, 3.0), (3.0, 2.0, 1.0)).low, kendall((1.0, 2.0, 3.0), (3.0, 2.0, 1.0)).estimate) == (
        -1,
        -1,
    )
    for same in (spearman((1.0,) * 6, range(6)), kendall((1.0,) * 6, range(6))):
        assert math.isnan(same.estimate)
        assert (same.low, same.high) == (-1.0, 1.0)


def test_full_agreement_has_an_interval_of_some_width() -> None:
    for found in (spearman(range(8), range(8)), kendall(range(8), range(8))):
        assert found.estimate == pytest.approx(1.0)
        assert found.high == 1.0
        assert 0.3 < found.low < 0.98


def test_refusals() -> None:
    for correlate in (spearman, kendall):
        with pytest.raises(ValueError, match="need at least 3 pairs to compare orders, got 2 and 2 values"):
            correlate((1.0, 2.0), (1.0, 2.0))
        with pytest.raises(ValueError, match="got 4 and 3 values"):
            correlate((1.0, 2.0, 3.0, 4.0), (1.0, 2.0, 3.0))
