"""The statistics against hand-worked cases and simulations with known truth."""

import numpy as np
import pytest

from assay.advice.robust import is_lower, is_rising, noise_of, running_median, slope_of


def test_noise_is_that_of_single_values_whatever_the_curve_does(seed: int):
    chance = np.random.default_rng(seed)
    curve = 3 * np.exp(-np.arange(2000) / 300)
    assert noise_of(curve + 0.2 * chance.normal(size=2000)) == pytest.approx(0.2, rel=0.15)
    assert noise_of(np.ones(1)) == 0.0


def test_the_running_median_has_fewer_neighbours_at_the_ends():
    assert running_median(np.array([1.0, 9.0, 2.0, 3.0, 100.0]), 3).tolist() == [5.0, 2.0, 3.0, 3.0, 51.5]
    assert running_median(np.array([1.0, 2.0]), 1).tolist() == [1.0, 2.0]


def test_the_slope_is_not_moved_by_a_tenth_of_wild_values(seed: int):
    chance = np.random.default_rng(seed)
    x = np.arange(600.0)
    y = 5 - 0.01 * x + 0.3 * chance.normal(size=600)
    y[chance.choice(600, 60, replace=False)] = 1e6
    found = slope_of(x, y)
    assert found.value == pytest.approx(-0.01, rel=0.2)
    assert found.low < found.value < found.high
    assert found.falls
    assert not slope_of(x, -y).falls


def test_level_lines_seldom_fall(seed: int):
    chance = np.random.default_rng(seed)
    x = np.arange(100.0)
    assert sum(slope_of(x, chance.normal(size=100)).falls for _ in range(100)) <= 4


def test_lower_means_beyond_doubt(seed: int):
    chance = np.random.default_rng(seed)
    first, second = chance.normal(size=(2, 50))
    assert is_lower(first - 2, second)
    assert not is_lower(second, first - 2)
    assert sum(is_lower(*chance.normal(size=(2, 50))) for _ in range(200)) <= 3


def test_four_that_all_rise_are_the_fewest():
    assert is_rising(np.array([1.0, 2.0, 3.0, 4.0]))
    assert not is_rising(np.array([1.0, 2.0, 3.0]))
    assert not is_rising(np.array([1.0, 2.0, 4.0, 3.0]))
    assert not is_rising(np.ones(9))
