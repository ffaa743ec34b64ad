"""Both kinds of interval: by hand where they can be, and how often they hold the truth."""

from __future__ import annotations

import numpy as np
import pytest

from assay.ablation.two_intervals import bootstrap_moves, interval_of
from assay.paired import interval_and_power


def differences(seed: int, seeds: int, examples: int, *, of_seeds: float, of_examples: float) -> np.ndarray:
    random = np.random.default_rng(seed)
    table = of_seeds * random.normal(size=(seeds, 1)) + of_examples * random.normal(size=(1, examples))
    return table + 0.5 * random.normal(size=(seeds, examples))


def test_t_is_the_interval_of_paired() -> None:
    table = differences(530, 4, 50, of_seeds=0.1, of_examples=0.5)
    half, _ = interval_and_power(table)
    assert interval_of(table, "t") == (table.mean() - half, table.mean() + half)


def test_both_are_alike_where_luck_is_normal() -> None:
    table = differences(531, 12, 300, of_seeds=0.1, of_examples=1.0)
    by_t, by_bootstrap = (interval_of(table, kind) for kind in ("t", "bootstrap"))
    assert by_bootstrap[1] - by_bootstrap[0] == pytest.approx(by_t[1] - by_t[0], rel=0.15)


def test_the_same_table_has_the_same_interval() -> None:
    table = differences(532, 3, 20, of_seeds=0.1, of_examples=0.3)
    assert interval_of(table, "bootstrap") == interval_of(table, "bootstrap")


def test_where_nothing_differs_it_is_that_of_t() -> None:
    table = np.zeros((3, 10))
    assert interval_of(table, "bootstrap") == interval_of(table, "t")


def test_with_one_example_only_seeds_are_drawn() -> None:
    moves = bootstrap_moves(np.array([[0.0], [1.0], [2.0]]), resamples=5000)
    assert len(np.unique(moves.round(9))) == 7, "means of three drawn from 0, 1 and 2"
    assert moves.mean() == pytest.approx(0.0, abs=0.1)


@pytest.mark.parametrize("seeds", [3, 5, 12])
@pytest.mark.parametrize("kind", ["t", "bootstrap"])
def test_how_often_it_holds_the_truth(kind: str, seeds: int) -> None:
    print("seeds 40000 to 40399")
    inside = 0
    for seed in range(40000, 40400):
        low, high = interval_of(
            differences(seed, seeds, 40, of_seeds=0.2, of_examples=0.5), kind
        )  # fmt: skip
        inside += low <= 0 <= high
    # Of 400, four deviations of the share are 4.4 points; three seeds are few for the bootstrap.
    assert 0.90 <= inside / 400 <= 1.0
