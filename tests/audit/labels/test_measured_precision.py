"""Precision from a random sample: by hand, and intervals that hold the truth as often as they say."""

import math

import numpy as np
import pytest

from assay.audit.labels.precision import draw_for_review, measure_precision
from assay.errors import InputError
from assay.intervals import wilson_interval


def test_by_hand() -> None:
    """Reviewed are the scores 4, 3, 1, of which 4 and 1 are wrong; 2 and 5 were not looked at."""
    score = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    high, middle, all_of_them = measure_precision(score, {0: True, 2: False, 3: True}, [4.5, 3.0, 0.0])
    assert (high.flagged, high.reviewed, high.low, high.high) == (1, 0, 0.0, 1.0)
    assert math.isnan(high.precision)
    assert (middle.flagged, middle.reviewed, middle.wrong, middle.precision) == (3, 2, 1, 0.5)
    assert (middle.low, middle.high) == wilson_interval(1, 2)
    assert (all_of_them.reviewed, all_of_them.wrong) == (3, 2)


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    draw = np.random.default_rng(4)
    score = draw.standard_normal(2000)
    wrong = draw.random(2000) < 1 / (1 + np.exp(-2 * score))
    cut_offs = np.array([-1.0, 0.0, 1.0])
    truth = [wrong[score >= cut_off].mean() for cut_off in cut_offs]
    held = np.zeros(3)
    for seed in range(200):
        rows = draw_for_review(score >= -1.0, 150, seed=seed)
        measured = measure_precision(score, {int(row): bool(wrong[row]) for row in rows}, cut_offs)
        held += [m.low <= share <= m.high for m, share in zip(measured, truth, strict=True)]
    # .95 with three deviations of 200 draws; sampling without return makes intervals a little too wide.
    assert (held / 200 >= 0.90).all()


def test_a_sample_is_random_seeded_and_among_what_was_asked() -> None:
    among = np.arange(100) % 3 == 0
    rows = draw_for_review(among, 20, seed=1)
    assert among[rows].all()
    assert len(set(rows.tolist())) == 20
    assert np.array_equal(rows, draw_for_review(among, 20, seed=1))
    assert not np.array_equal(rows, draw_for_review(among, 20, seed=2))
    assert len(draw_for_review(among, 1000)) == 34


def test_bad_input() -> None:
    with pytest.raises(InputError, match=r"size must be at least 1 .* got 0 of 3"):
        draw_for_review(np.ones(3, dtype=bool), 0)
    with pytest.raises(InputError, match="there must be examples to draw, got 5 of 0"):
        draw_for_review(np.zeros(3, dtype=bool), 5)
    with pytest.raises(InputError, match=r"rows in 0..1, got 7"):
        measure_precision(np.zeros(2), {7: True}, [0.0])
