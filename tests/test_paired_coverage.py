"""Intervals of few seeds where the truth is known: over all experiments, and where the seeds agree by luck.

difference of seed s on example e = truth + luck of s + luck of e + luck of both
"""

from __future__ import annotations

import numpy as np
import pytest

from assay.paired import factors_of, half_width, interval_and_power, variances_of_mean

SEED, EXPERIMENTS, EXAMPLES, TRUTH = 20261, 1500, 80, 0.3


def tables(seeds: int, of_seed: float, of_example: float) -> list[np.ndarray]:
    random = np.random.default_rng(SEED)
    print(f"seed {SEED}")
    return [
        TRUTH
        + of_seed * random.normal(size=(seeds, 1))
        + of_example * random.normal(size=(1, EXAMPLES))
        + random.normal(size=(seeds, EXAMPLES))
        for _ in range(EXPERIMENTS)
    ]


def examples_alone(table: np.ndarray) -> float:
    """Half the width of an interval that takes the seeds for all there are."""
    return factors_of(table.shape[1] - 1)[0] * float(table.mean(0).std(ddof=1)) / table.shape[1] ** 0.5


@pytest.mark.parametrize("seeds", [2, 3, 5])
@pytest.mark.parametrize("of_seed", [0.0, 0.1, 0.3])
@pytest.mark.parametrize("of_example", [0.0, 1.0])
def test_the_truth_is_held_with_and_without_luck_of_seeds(seeds: int, of_seed: float, of_example: float) -> None:
    """Of 1,500, four deviations of the share are 2.3 points; above .97 where both kinds of luck meet at few seeds."""
    held = [abs(table.mean() - TRUTH) <= interval_and_power(table)[0] for table in tables(seeds, of_seed, of_example)]
    assert 0.927 <= np.mean(held) <= 0.995


@pytest.mark.parametrize("seeds", [2, 3, 5])
def test_seeds_that_agree_by_luck_are_made_up_for_by_those_that_do_not(seeds: int) -> None:
    """Some intervals are narrower than examples alone allow; a floor for these few would lift all above 97 %."""
    made = tables(seeds, 0.0, 0.0)
    halves = np.array([interval_and_power(table)[0] for table in made])
    least = np.array([examples_alone(table) for table in made])
    off = np.array([abs(table.mean() - TRUTH) for table in made])
    assert 0.05 <= np.mean(halves < least) <= 0.35
    assert 0.927 <= np.mean(off <= halves) <= 0.98
    assert np.mean(off <= np.maximum(halves, least)) > 0.97


def test_a_half_width_by_hand() -> None:
    """[[1, 2], [3, 6]]: means of seeds 1.5 and 4.5, of examples 2 and 4; over both 12.706^2 (2.25 + 0.75)."""
    variances = variances_of_mean(np.array([[1.0, 2.0], [3.0, 6.0]]))
    assert variances == pytest.approx((2.25, 0.75))
    assert half_width(variances, (1, 1), 0.05) == pytest.approx(12.7062 * 3**0.5, abs=1e-3)
