"""Kappas and pairwise agreement: published examples, scikit-learn, a plain loop, and coverage of a known truth."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
import torch
from sklearn.metrics import cohen_kappa_score
from torch.nn.functional import one_hot

from assay.audit.agreement import cohen_kappa, fleiss_kappa, pairwise_agreement
from assay.intervals import bootstrap_interval


def test_cohen_by_hand() -> None:
    # 20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: observed .7, expected .5 * .6 + .5 * .4 = .5, kappa .4.
    first = np.repeat([1, 1, 0, 0], [20, 5, 10, 15])
    second = np.repeat([1, 0, 1, 0], [20, 5, 10, 15])
    kappa = cohen_kappa(first, second)
    assert kappa.value == pytest.approx(0.4)
    # The asymptotic deviation is sqrt(.7 * .3 / (50 * .25)) = .13 by Cohen's first formula.
    assert (kappa.high - kappa.low) / 2 == pytest.approx(1.96 * 0.13, rel=0.15)
    assert kappa.n == 50


def test_fleiss_by_the_usual_example() -> None:
    # Fleiss' kappa of 14 raters, 10 subjects and 5 categories: .210, pairwise agreement .378.
    counts = np.array([
        [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
        [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
    ])  # fmt: skip
    assert fleiss_kappa(counts).value == pytest.approx(0.210, abs=5e-4)
    assert pairwise_agreement(counts).value == pytest.approx(0.378, abs=5e-4)


def test_cohen_agrees_with_scikit_learn_where_answers_are_missing() -> None:
    drawn = np.random.default_rng(410)
    print("seed 410")
    for _ in range(20):
        first, second = drawn.integers(-1, 4, (2, 60))
        second = np.where(drawn.random(60) < 0.5, first, second)
        both = (first >= 0) & (second >= 0)
        expected = cohen_kappa_score(first[both], second[both])
        assert cohen_kappa(first, second, resamples=1).value == pytest.approx(expected)


def test_unequal_numbers_of_answers_agree_with_a_plain_loop() -> None:
    drawn = np.random.default_rng(411)
    print("seed 411")
    labels = drawn.integers(-1, 3, (40, 5))
    counts = np.stack([(labels == label).sum(1) for label in range(3)], axis=1)
    shares, agreement = list[np.ndarray](), list[float]()
    for row in labels:
        given = row[row >= 0]
        if len(given) < 2:
            continue
        agreement.append(np.mean([a == b for a, b in combinations(given, 2)]).item())
        shares.append(np.bincount(given, minlength=3) / len(given))
    expected = (np.mean(shares, axis=0) ** 2).sum()
    observed = np.mean(agreement)
    assert pairwise_agreement(counts, resamples=1).value == pytest.approx(observed)
    assert fleiss_kappa(counts, resamples=1).value == pytest.approx((observed - expected) / (1 - expected))


def test_perfect_random_and_single_class_answers() -> None:
    drawn = np.random.default_rng(412)
    print("seed 412")
    first, other = drawn.integers(0, 3, (2, 500))
    assert cohen_kappa(first, first).value == pytest.approx(1.0)
    chance = cohen_kappa(first, other)
    assert chance.low < 0.0 < chance.high
    same = np.zeros(20, dtype=np.int64)
    assert np.isnan(cohen_kappa(same, same).value)
    assert np.isnan(fleiss_kappa(np.full((20, 1), 3)).value)


def test_the_multinomial_of_cells_is_the_bootstrap_of_examples() -> None:
    drawn = np.random.default_rng(414)
    print("seed 414")
    first = drawn.integers(0, 3, 120)
    second = np.where(drawn.random(120) < 0.6, first, drawn.integers(0, 3, 120))
    kappa = cohen_kappa(first, second, resamples=4000)
    pairs = torch.from_numpy(np.stack([first, second], axis=1))

    def plain(rows: torch.Tensor) -> torch.Tensor:
        marked = one_hot(rows, 3).double().mean(0)
        expected = (marked[0] * marked[1]).sum()
        return ((rows[:, 0] == rows[:, 1]).double().mean() - expected) / (1 - expected)

    low, high = bootstrap_interval(pairs, plain, resamples=500)
    # The limits' own deviation at 500 resamples is about .006.
    assert (kappa.low, kappa.high) == pytest.approx((low, high), abs=0.025)


def test_the_interval_of_fleiss_covers_the_truth_at_its_stated_rate() -> None:
    drawn, trials, held = np.random.default_rng(413), 80, 0
    print("seed 413")
    for trial in range(trials):
        # Three people right with .8 on two balanced classes: two agree with .68, chance .5, kappa .36.
        truth = drawn.integers(0, 2, 80)
        answers = np.where(drawn.random((80, 3)) < 0.8, truth[:, None], 1 - truth[:, None])
        ones = answers.sum(1)
        kappa = fleiss_kappa(np.stack([3 - ones, ones], axis=1), resamples=100, seed=trial)
        held += kappa.low <= 0.36 <= kappa.high
    # Nominal .95, a little less at n = 80; 4 standard errors of 80 trials are .1.
    assert held / trials == pytest.approx(0.94, abs=0.1)


def test_labels_that_say_nothing_of_agreement_are_refused() -> None:
    one = np.zeros(3, dtype=np.int64)
    with pytest.raises(ValueError, match="labels must be of one length, got 3 and 2"):
        cohen_kappa(one, one[:2])
    with pytest.raises(ValueError, match="labels must share an example that both people answered, got none"):
        cohen_kappa(np.array([0, -1]), np.array([-1, 0]))
    with pytest.raises(ValueError, match="resamples must be at least 1, got 0"):
        cohen_kappa(one, one, resamples=0)
    with pytest.raises(ValueError, match="counts must hold an example with two answers or more, got none"):
        fleiss_kappa(np.eye(3, dtype=np.int64))
