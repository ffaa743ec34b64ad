"""The confident joint: a case by hand, a naive independent count, and known noise."""

import numpy as np
import pytest
from scipy import sparse

from assay.audit.labels.confident_learning import NoiseEstimate, class_thresholds, confident_joint
from assay.audit.labels.noise import say_noise

VALUES = np.array([[0.9, 0.1], [0.7, 0.3], [0.2, 0.8], [0.1, 0.9], [0.3, 0.7], [0.8, 0.2]])
LABELS = np.array([0, 0, 0, 1, 1, 1])


def naive_joint(values: np.ndarray, labels: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    classes = values.shape[1]
    counts = np.zeros((classes, classes))
    for row, label in zip(values, labels, strict=True):
        above = [k for k in range(classes) if row[k] >= thresholds[k]]
        if above:
            counts[label, max(above, key=lambda k: row[k])] += 1
    joint = np.zeros((classes, classes))
    for label in range(classes):
        given = (labels == label).sum()
        if counts[label].sum() == 0:
            joint[label, label] = given
        else:
            joint[label] = counts[label] / counts[label].sum() * given
    return joint / len(labels)


def test_by_hand() -> None:
    """Thresholds are .6 and .6; of three labelled 0 two are confidently 0 and one is 1, and so for label 1."""
    thresholds = class_thresholds(VALUES, LABELS)
    assert thresholds == pytest.approx([0.6, 0.6])
    joint = confident_joint(VALUES, LABELS, thresholds).toarray()
    assert joint == pytest.approx(np.array([[2, 1], [1, 2]]) / 6)


@pytest.mark.parametrize("seed", range(5))
def test_agrees_with_a_naive_count(seed: int) -> None:
    draw = np.random.default_rng(seed)
    values, labels = draw.dirichlet(np.ones(4) * 0.5, size=60), draw.integers(3, size=60)
    thresholds = class_thresholds(values, labels)
    assert thresholds[3] == np.inf
    assert confident_joint(values, labels, thresholds).toarray() == pytest.approx(
        naive_joint(values, labels, thresholds)
    )


def test_a_class_of_which_none_is_counted_is_taken_as_right() -> None:
    values, labels = np.array([[0.4, 0.6], [0.45, 0.55], [0.3, 0.7]]), np.array([0, 1, 1])
    joint = confident_joint(values, labels, np.array([2.0, 0.5])).toarray()
    assert joint == pytest.approx(np.array([[0, 1], [0, 2]]) / 3)
    joint = confident_joint(values, labels, np.array([2.0, 0.65])).toarray()
    assert joint == pytest.approx(np.array([[1, 0], [0, 2]]) / 3)


def test_words_of_an_estimate() -> None:
    joint = confident_joint(VALUES, LABELS, np.array([0.6, 0.6]))
    estimate = NoiseEstimate(1 / 3, 0.0, 6, joint, np.array([0.6, 0.6]))
    assert estimate.count == 2
    assert estimate.class_shares() == pytest.approx([1 / 3, 1 / 3])
    assert estimate.confusions() == ((0, 1, pytest.approx(1.0)), (1, 0, pytest.approx(1.0)))
    assert len(estimate.confusions(1)) == 1


def test_share_of_a_class_without_examples_is_unknown() -> None:
    values, labels = np.array([[0.6, 0.3, 0.1], [0.2, 0.7, 0.1]]), np.array([0, 1])
    thresholds = class_thresholds(values, labels)
    estimate = NoiseEstimate(0.0, 0.0, 2, confident_joint(values, labels, thresholds), thresholds)
    assert np.isnan(estimate.class_shares()[2])


@pytest.mark.parametrize("rate", [0.0, 0.1, 0.4])
def test_known_noise_is_estimated(planted, rate: float) -> None:
    data = planted(11, n=3000, rate=rate, skills=(6.0,))
    (values,) = data.members.values()
    joint = confident_joint(values, data.given, class_thresholds(values, data.given))
    # Three deviations of a share of 3000, and a hundredth for answers that are wrong.
    assert 1 - joint.diagonal().sum() == pytest.approx(data.wrong.mean(), abs=0.037)


@pytest.mark.parametrize(
    ("floor", "most", "words"),
    [
        (0.0003, 0.041, "cannot be told, from none to 4.1%"),
        (0.0, 0.041, "cannot be told, from none to 4.1%"),
        (0.001, 0.041, "0.1% to 4.1% of 5,000 labels look wrong"),
        (0.0003, 0.0004, "None of 5,000 labels looks wrong"),
    ],
)
def test_a_least_share_that_is_printed_as_none_is_not_told_as_one(floor: float, most: float, words: str) -> None:
    """It said "0.0% to 4.1% of 5,000 labels look wrong"."""
    joint = sparse.csr_array(np.eye(2) / 2)
    assert words in say_noise(NoiseEstimate(0.0, 0.0, 5000, joint, np.ones(2), (0.0, most), floor), 0.97)
