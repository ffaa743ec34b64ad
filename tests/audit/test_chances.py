"""Many chances at once: corrected by hand, and seldom small where nothing differs."""

import numpy as np
import pytest

from assay.audit.chances import correct_by_holm


def test_chances_are_corrected_by_hand() -> None:
    assert correct_by_holm([0.01, 0.03, 0.04, 0.005]).tolist() == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_nothing_and_ones() -> None:
    assert correct_by_holm([]).tolist() == []
    assert correct_by_holm([1.0, 0.9]).tolist() == [1.0, 1.0]


def test_the_least_of_many_is_rarely_below_the_limit_where_nothing_differs() -> None:
    draw = np.random.default_rng(411)
    below = sum(correct_by_holm(draw.random(50)).min() < 0.05 for _ in range(2_000))
    assert 0.03 < below / 2_000 < 0.07
