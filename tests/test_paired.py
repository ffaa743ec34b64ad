"""What seeds and examples add to a mean paired difference; that intervals hold the truth is tested with effects."""

from __future__ import annotations

import numpy as np
import pytest

from assay.paired import factors_of, half_width, interval_and_power, p_value, variances_of_mean

SEED = 20240607


def test_variances_of_mean() -> None:
    """[[0, 2], [2, 4]]: rows 1 and 3 (variance 2 / 2), columns 1 and 3 (the same), nothing is left over."""
    assert variances_of_mean(np.array([[0.0, 2.0], [2.0, 4.0]])) == pytest.approx((1.0, 1.0))


def test_noise_of_one_seed_and_example_counts_once() -> None:
    """[[1, 0], [0, 1]]: rows and columns agree; what is left over is no luck of examples."""
    from_seeds, from_examples = variances_of_mean(np.array([[1.0, 0.0], [0.0, 1.0]]))
    assert (from_seeds, from_examples) == (0.0, 0.0)


def test_one_example() -> None:
    assert variances_of_mean(np.array([[0.0], [2.0]])) == pytest.approx((1.0, 0.0))


def test_factors_reach_the_normal_ones() -> None:
    end, detectable = factors_of(1_000_000)
    assert end == pytest.approx(1.959964, abs=1e-4)
    assert detectable == pytest.approx(1.959964 + 0.841621, abs=1e-4)


def test_more_seeds_and_more_examples_detect_less() -> None:
    random = np.random.default_rng(SEED)
    table = random.normal(size=(12, 400))
    table = table - table.mean(0) - table.mean(1)[:, None]
    few, many = interval_and_power(table[:3, :100]), interval_and_power(table)
    assert many[1] < few[1]


def test_p_by_hand_where_only_seeds_differ() -> None:
    """Means 1, 2, 3: t = 2 / sqrt(1 / 3) = 3.4641 with 2 degrees of freedom, p = .0742."""
    assert p_value(np.array([[1.0], [2.0], [3.0]])) == pytest.approx(0.07418, abs=1e-5)
    assert p_value(np.zeros((3, 4))) == 1.0


def test_p_and_the_interval_say_the_same() -> None:
    random = np.random.default_rng(SEED)
    print(f"seed {SEED}")
    for shift in np.linspace(-0.4, 0.4, 41):
        table = shift + random.normal(size=(4, 1)) / 8 + random.normal(size=(1, 50)) + random.normal(size=(4, 50))
        half, _ = interval_and_power(table)
        assert (p_value(table) < 0.05) == (abs(table.mean()) > half)


def test_p_is_where_the_interval_reaches_zero() -> None:
    random = np.random.default_rng(SEED)
    table = 0.3 + random.normal(size=(5, 1)) / 4 + random.normal(size=(1, 60)) + random.normal(size=(5, 60))
    freedoms = (4, 59)
    assert half_width(variances_of_mean(table), freedoms, p_value(table)) == pytest.approx(abs(table.mean()))
    assert p_value(table) == pytest.approx(p_value(-table))


def test_under_the_null_p_is_hardly_ever_too_small() -> None:
    random, small = np.random.default_rng(SEED), 0
    print(f"seed {SEED}")
    for _ in range(2000):
        table = random.normal(size=(3, 1)) / 5 + random.normal(size=(1, 40)) + random.normal(size=(3, 40))
        small += p_value(table) < 0.05
    assert small / 2000 < 0.05 + 3 * (0.05 * 0.95 / 2000) ** 0.5
