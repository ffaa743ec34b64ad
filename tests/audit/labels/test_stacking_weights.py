"""Weights by likelihood: by hand, against a general optimiser, and under noise."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from assay.audit.labels.stacking import frequencies_of, pool_weights, stacking_weights


def test_like_members_weigh_alike_and_one_has_all() -> None:
    assert stacking_weights(np.full((4, 7), 0.3)) == pytest.approx(0.25)
    assert stacking_weights(np.array([[0.2, 0.9]])) == pytest.approx(1.0)


def test_two_members_by_hand() -> None:
    """Each foresees one label with 0.8 and the other with 0.2: the likelihood is largest at equal weights."""
    assert stacking_weights(np.array([[0.8, 0.2], [0.2, 0.8]])) == pytest.approx(0.5)


def test_agrees_with_a_general_optimiser() -> None:
    own = np.random.default_rng(1).beta([[4.0], [3.0]], [[2.0], [2.0]], size=(2, 400))
    best = minimize_scalar(lambda w: -np.log(w * own[0] + (1 - w) * own[1]).mean(), bounds=(0, 1), method="bounded")
    assert best.success
    # The iteration ends when a step moves a weight by less than 1e-5; it nears the optimum geometrically.
    assert stacking_weights(own)[0] == pytest.approx(best.x, abs=0.01)


def test_order_of_members_does_not_matter() -> None:
    own = np.random.default_rng(2).random((3, 50))
    assert stacking_weights(own)[::-1] == pytest.approx(stacking_weights(own[::-1]))


@pytest.mark.parametrize("rate", [0.0, 0.1, 0.4])
def test_a_far_stronger_member_gets_the_weight_whatever_the_noise(planted, rate: float) -> None:
    data = planted(3, n=1500, rate=rate, skills=(6.0, 1.0, 1.0))
    own = np.stack([values[np.arange(1500), data.given] for values in data.members.values()])
    weights = pool_weights(own, data.given, 5)
    assert weights[0] > 0.8
    assert weights.sum() == pytest.approx(1.0)


def test_members_worse_than_class_frequencies_weigh_alike() -> None:
    labels = np.arange(40) % 4
    assert pool_weights(np.full((2, 40), 0.001), labels, 4) == pytest.approx(0.5)


def test_frequencies_by_hand() -> None:
    assert frequencies_of(np.array([0, 0, 0, 2]), 4).tolist() == [0.75, 0.75, 0.75, 0.25]
