"""Importance: against shares of variance that are known, and silence where nothing is known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from assay.tuning.importance import fewest_trials, measure_importance, ranks_of
from assay.tuning.searched import Searched
from assay.tuning.space import Choice, Space, Span

SPACE: Space = {"a": Span(0.0, 1.0), "b": Span(0.0, 1.0), "c": Span(0.0, 1.0)}
SEED = 500


def trials(n: int, weights: tuple[float, float, float], noise: float, seed: int = SEED) -> list[Searched]:
    random, rows = np.random.default_rng(seed), []
    for _ in range(n):
        x = random.uniform(size=3)
        value = float(np.dot(weights, x) + noise * random.normal())
        rows.append(Searched(dict(zip("abc", map(float, x), strict=True)), value, 0.0, False))
    return rows


def test_the_setting_that_decides_is_told_and_the_idle_ones_are_not() -> None:
    rows = measure_importance(SPACE, trials(60, (1.0, 0.0, 0.0), 0.05))
    assert rows[0].name == "a"
    assert rows[0].is_told
    assert not any(row.is_told for row in rows[1:])


def test_shares_of_an_additive_score() -> None:
    """Total index of a: 9 / (9 + 4) = .69, of b .31; a forest over 150 points smooths, so within .2."""
    rows = {row.name: row for row in measure_importance(SPACE, trials(150, (3.0, 2.0, 0.0), 0.0))}
    assert rows["a"].estimate == pytest.approx(9 / 13, abs=0.2)
    assert rows["b"].estimate == pytest.approx(4 / 13, abs=0.2)
    assert rows["c"].estimate == pytest.approx(0.0, abs=0.1)


def test_noise_alone_tells_nothing_mostly() -> None:
    """Of four studies with three idle settings, at most one of the twelve is told."""
    told = [
        row.is_told for seed in range(4) for row in measure_importance(SPACE, trials(30, (0, 0, 0), 1.0, SEED + seed))
    ]
    assert sum(told) <= 1


def test_few_trials_or_equal_ones_are_not_told() -> None:
    assert fewest_trials(SPACE) == 15
    assert measure_importance(SPACE, trials(14, (1.0, 0.0, 0.0), 0.0)) == ()
    assert measure_importance(SPACE, trials(30, (0.0, 0.0, 0.0), 0.0)) == ()


def test_a_choice_counts_too() -> None:
    random = np.random.default_rng(SEED)
    space: Space = {"size": Choice((32, 64, 128)), "b": Span(0.0, 1.0)}
    rows = [Searched({"size": size, "b": float(random.uniform())}, (size == 64) + 0.01 * random.normal(), 0.0, False)
            for size in random.choice([32, 64, 128], size=45).tolist()]  # fmt: skip
    best = measure_importance(space, rows)[0]
    assert (best.name, best.is_told) == ("size", True)


def test_the_order_of_trials() -> None:
    def one(value: float, share: float, *, diverged: bool = False) -> Searched:
        return Searched({}, math.nan if diverged else value, math.inf if diverged else 1.0, share < 1, share)

    found = [one(0.9, 0.25), one(0.5, 1.0), one(0.7, 1.0), one(0.0, 1.0, diverged=True), one(0.95, 0.26)]
    assert ranks_of(found).tolist() == [1, 3, 4, 0, 2]


def test_the_same_trials_tell_the_same() -> None:
    rows = trials(30, (1.0, 0.0, 0.0), 0.1)
    assert measure_importance(SPACE, rows, 3) == measure_importance(SPACE, rows, 3)
