"""Importance: against shares of variance that are known, and silence where nothing is known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from assay.tuning.importance import compare_equally_long, fewest_trials, measure_importance
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


def looked_at(*looks: float, share: float = 1.0) -> Searched:
    """A trial of four planned looks, of which it came to these."""
    shares = tuple((place + 1) / 4 for place in range(len(looks)))
    return Searched({}, looks[-1], 1.0, share < 1, share, looks, look_shares=shares)


def test_trials_are_compared_where_all_of_them_were_seen() -> None:
    """One that was stopped at a quarter is not worse than a whole one for being shorter."""
    diverged = Searched({}, math.nan, math.inf, True, 0.5, (0.9,), look_shares=(0.25,))
    stopped, better = looked_at(0.4, share=0.26), looked_at(0.6, share=0.25)
    whole = [looked_at(0.5, 0.7, 0.8, 0.9), looked_at(0.3, 0.9, 0.9, 0.99)]
    compared = compare_equally_long({}, [stopped, *whole, diverged, better])
    assert compared.share == 0.25
    assert compared.ranks.tolist() == [2, 3, 1, 0, 4]
    ends = compare_equally_long({}, whole)
    assert (ends.share, ends.ranks.tolist()) == (1.0, [0, 1])


def test_trials_that_were_never_seen_at_the_common_place_are_left_out() -> None:
    """The recipe's own settings have looks at quarters, those of a halving at ninths."""
    own = looked_at(0.1, 0.2, 0.3, 0.4)
    ninths = [Searched({}, value, 1.0, True, 1 / 9, (value,), look_shares=(1 / 9,)) for value in (0.5, 0.6)]
    compared = compare_equally_long({}, [own, *ninths])
    assert compared.share == 1 / 9
    assert compared.trials == tuple(ninths)


def test_how_long_a_trial_was_trained_is_no_importance() -> None:
    """Those of low `a` are stopped at a quarter, all with scores of pure noise there."""
    random, rows = np.random.default_rng(SEED), []
    for _ in range(40):
        a, b, c, early = random.uniform(size=4).tolist()
        settings = {"a": a, "b": b, "c": c}
        if a < 0.5:
            rows.append(Searched(settings, early, 1.0, True, 0.25, (early,), look_shares=(0.25,)))
        else:
            rows.append(Searched(settings, early + 1.0, 1.0, False, 1.0, (early, early + 1.0), look_shares=(0.25, 1.0)))
    assert not any(row.is_told for row in measure_importance(SPACE, rows))


def test_what_is_told_is_a_share() -> None:
    for seed in range(3):
        for row in measure_importance(SPACE, trials(20, (1.0, 0.0, 0.0), 0.1, SEED + seed)):
            assert 0 <= row.low <= row.estimate <= row.high <= 1
            assert row.is_told == (row.low > 0)


def test_the_same_trials_tell_the_same() -> None:
    rows = trials(30, (1.0, 0.0, 0.0), 0.1)
    assert measure_importance(SPACE, rows, 3) == measure_importance(SPACE, rows, 3)
