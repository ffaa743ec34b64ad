"""Designs by hand, and held against scores whose truth is known: each recovers what it says it measures."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import numpy as np
import pytest

from assay.ablation.designs.catalog import DESIGNS, find_design
from assay.ablation.designs.design import Arm, Contrast, Design
from assay.ablation.designs.shapley import shapley
from assay.errors import InputError

Score = Callable[[Arm], float]


def effects(design: Design, score: Score, seed: int = 0) -> dict[Arm, float]:
    return {c.tricks: sum(weight * score(arm) for arm, weight in c.weights) for c in design.contrasts(seed)}


def additive(worth: np.ndarray) -> Score:
    return lambda arm: 5.0 + float(worth[list(arm)].sum())


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8, 12])
@pytest.mark.parametrize("name", DESIGNS)
def test_tricks_that_only_add_up_have_their_worth_in_every_design(name: str, count: int) -> None:
    worth = np.random.default_rng(440).normal(size=count)
    found = effects(DESIGNS[name](count), additive(worth))
    assert [found[(j,)] for j in range(count)] == pytest.approx(worth.tolist())
    assert all(abs(value) < 1e-9 for tricks, value in found.items() if len(tricks) == 2)


@pytest.mark.parametrize("count", [1, 4, 7])
@pytest.mark.parametrize("name", DESIGNS)
def test_weights_sum_to_zero_and_arms_are_ascending_and_unique(name: str, count: int) -> None:
    design = DESIGNS[name](count)
    for seed in (0, 1):
        for contrast in design.contrasts(seed):
            assert sum(weight for _, weight in contrast.weights) == pytest.approx(0.0)
        arms = design.arms(seed)
        assert len(set(arms)) == len(arms)
        assert all(list(arm) == sorted(set(arm)) and all(0 <= j < count for j in arm) for arm in arms)
    assert [c.tricks for c in design.contrasts(0)] == [c.tricks for c in design.contrasts(1)]


def test_add_one_by_hand() -> None:
    assert DESIGNS["add-one"](2).contrasts(0) == (
        Contrast((0,), (((), -1.0), ((0,), 1.0))),
        Contrast((1,), (((), -1.0), ((1,), 1.0))),
    )
    assert DESIGNS["add-one"](2).arms(0) == ((), (0,), (1,))


def test_leave_one_out_and_stacked_by_hand() -> None:
    assert DESIGNS["leave-one-out"](3).arms(0) == ((0, 1), (0, 2), (1, 2), (0, 1, 2))
    assert DESIGNS["stacked"](3).arms(0) == ((), (0,), (0, 1), (0, 1, 2))


def test_an_interaction_is_what_two_do_beyond_the_sum() -> None:
    found = effects(DESIGNS["pairs"](3), lambda arm: len(arm) + (0.5 if {0, 2} <= set(arm) else 0.0))
    assert {pair: found[pair] for pair in combinations(range(3), 2)} == pytest.approx(
        {(0, 1): 0.0, (0, 2): 0.5, (1, 2): 0.0}
    )


def test_two_tricks_that_only_work_together_share_by_shapley() -> None:
    found = effects(shapley(3), lambda arm: float({0, 1} <= set(arm)))
    assert found == pytest.approx({(0,): 0.5, (1,): 0.5, (2,): 0.0})


def test_shapley_sums_to_the_whole_effect_in_every_seed() -> None:
    worth = np.random.default_rng(441).normal(size=2**6)
    score = lambda arm: float(worth[sum(1 << j for j in arm)])  # noqa: E731
    design = shapley(6, orders=4)
    for seed in range(5):
        assert sum(effects(design, score, seed).values()) == pytest.approx(score(tuple(range(6))) - score(()))
    assert design.contrasts(0) == shapley(6, orders=4).contrasts(0)
    assert design.contrasts(0) != design.contrasts(1)


def test_shapley_over_many_seeds_is_that_of_all_orders() -> None:
    from itertools import permutations
    from math import factorial

    worth = np.random.default_rng(442).normal(size=2**4)
    score = lambda arm: float(worth[sum(1 << j for j in arm)])  # noqa: E731
    exact = np.zeros(4)
    for order in permutations(range(4)):
        for place, j in enumerate(order):
            exact[j] += (score(tuple(sorted(order[: place + 1]))) - score(tuple(sorted(order[:place])))) / factorial(4)
    drawn = np.array([[effects(shapley(4), score, seed)[(j,)] for j in range(4)] for seed in range(2000)])
    standard_error = drawn.std(0, ddof=1) / np.sqrt(len(drawn))
    assert (np.abs(drawn.mean(0) - exact) < 4 * standard_error + 1e-9).all()


def test_interactions_do_not_bias_a_factorial_effect() -> None:
    count = 6
    worth = np.random.default_rng(443).normal(size=count)
    together = np.triu(np.random.default_rng(444).normal(size=(count, count)), 1)

    def score(arm: Arm) -> float:
        # Coded as -1 and 1, as the design's averages are: a product of two has mean zero.
        sign = np.array([1.0 if j in arm else -1.0 for j in range(count)])
        return float(sign @ worth / 2 + sign @ together @ sign)

    found = effects(DESIGNS["factorial"](count), score)
    assert [found[(j,)] for j in range(count)] == pytest.approx(worth.tolist())


@pytest.mark.parametrize(("count", "runs"), [(1, 2), (2, 4), (4, 8), (5, 16), (12, 32)])
def test_the_runs_of_a_factorial(count: int, runs: int) -> None:
    assert len(DESIGNS["factorial"](count).arms(0)) == runs


def test_an_unknown_design_and_odd_orders_are_refused() -> None:
    with pytest.raises(
        InputError, match=r"design must be one of add-one, .*, got 'stackd' \(did you mean 'stacked'\?\)"
    ):
        find_design("stackd")
    with pytest.raises(
        ValueError, match="orders must be even and at least 2, as each is taken with its reverse, got 3"
    ):
        shapley(5, orders=3)
