"""What seeds and examples add to a mean paired difference; that intervals hold the truth is tested with effects."""

from __future__ import annotations

import numpy as np
import pytest

from assay.paired import factors_of, interval_and_power, variances_of_mean

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
