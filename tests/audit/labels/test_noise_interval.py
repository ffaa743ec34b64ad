"""The interval of the estimated share of wrong labels."""

import numpy as np
import pytest

from assay.audit.labels.noise_interval import noise_interval


def test_no_disagreement_is_no_noise_with_certainty() -> None:
    labels = np.repeat([0, 1], 50)
    assert noise_interval(labels, labels.copy()) == (0.0, 0.0)


def test_a_class_that_is_never_counted_is_taken_as_right() -> None:
    labels = np.repeat([0, 1], 50)
    assert noise_interval(labels, np.where(labels == 0, 0, -1)) == (0.0, 0.0)


def test_it_holds_the_share_and_is_as_wide_as_a_binomial() -> None:
    labels = np.zeros(2000, dtype=np.int64)
    labels[1000:] = 1
    likely = labels.copy()
    likely[:100], likely[1000:1100] = 1, 0
    low, high = noise_interval(labels, likely, resamples=2000)
    assert low < 0.1 < high
    deviation = np.sqrt(0.1 * 0.9 / 2000)
    assert high - low == pytest.approx(2 * 1.96 * deviation, rel=0.1)


def test_intervals_of_95_percent_hold_the_truth_in_about_95_percent_of_draws() -> None:
    seed = 433
    print(f"seed {seed}")
    draw, held = np.random.default_rng(seed), 0
    for _ in range(200):
        labels = draw.integers(0, 3, 600)
        likely = np.where(draw.random(600) < 0.08, (labels + 1) % 3, labels)
        low, high = noise_interval(labels, likely)
        held += low <= 0.08 <= high
    # A share of 200 draws has a deviation of .015.
    assert 0.90 <= held / 200 <= 0.99
