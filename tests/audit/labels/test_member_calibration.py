"""Sharpness: by hand, found again where it is known, and steady under noise."""

import numpy as np
import pytest
from scipy.special import softmax

from assay.audit.labels.calibration import FLOOR, fit_sharpness, sharpen, sharpened_own


def calibrated_member(seed: int, n: int = 4000, classes: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities, and labels drawn by them."""
    draw = np.random.default_rng(seed)
    values = softmax(2.0 * draw.standard_normal((n, classes)), axis=1)
    return values, (values.cumsum(1) > draw.random(n)[:, None]).argmax(1)


def test_sharpen_by_hand() -> None:
    values = np.array([[0.8, 0.2], [1.0, 0.0]])
    assert sharpen(values, 1.0)[0] == pytest.approx(values[0])
    assert sharpen(values, 2.0)[0] == pytest.approx([0.64 / 0.68, 0.04 / 0.68])
    floor = FLOOR / 2
    assert sharpen(values, 1.0)[1] == pytest.approx([1 / (1 + floor), floor / (1 + floor)])


@pytest.mark.parametrize("true_sharpness", [0.5, 1.0, 3.0])
def test_a_known_sharpness_is_found_again(true_sharpness: float) -> None:
    values, labels = calibrated_member(1)
    found, _ = fit_sharpness(sharpen(values, 1 / true_sharpness), labels)
    # The deviation over 4000 labels is about three hundredths.
    assert found == pytest.approx(true_sharpness, rel=0.12)


@pytest.mark.parametrize("rate", [0.1, 0.4])
def test_wrong_labels_do_not_flatten_a_member(rate: float) -> None:
    values, labels = calibrated_member(2)
    draw = np.random.default_rng(2)
    noisy = np.where(draw.random(len(labels)) < rate, draw.integers(5, size=len(labels)), labels)
    # Without a share of labels that nobody foresees, 40 % noise would bring it to about a half.
    assert fit_sharpness(values, noisy)[0] == pytest.approx(1.0, rel=0.25)


def test_quality_is_not_ruined_by_one_label_that_was_given_no_chance() -> None:
    """Right on 99 of 100 and sure of all is better than a coin, though the log of its 0 is not finite."""
    labels = np.arange(100) % 2
    sure = np.where(np.arange(2) == labels[:, None], 1.0, 0.0)
    sure[0] = sure[0, ::-1]
    coin = np.full((100, 2), 0.5)
    assert fit_sharpness(coin, labels)[1] == pytest.approx(np.log(0.5), abs=1e-6)
    # Mixed with frequencies 1/2 by w, 99 labels at (1 + w) / 2 and one at (1 - w) / 2: largest at w = 0.98.
    assert fit_sharpness(sure, labels)[1] == pytest.approx(0.99 * np.log(0.99) + 0.01 * np.log(0.01), abs=1e-3)


def test_many_rows_are_sampled_and_own_probabilities_come_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    values, labels = calibrated_member(3)
    whole, own = fit_sharpness(values, labels)[0], sharpened_own(values, labels, 1.5)
    assert own == pytest.approx(sharpen(values, 1.5)[np.arange(4000), labels])
    monkeypatch.setattr("assay.audit.labels.calibration.ENOUGH_ROWS", 1000)
    assert fit_sharpness(values, labels)[0] == pytest.approx(whole, rel=0.2)
    monkeypatch.setattr("assay.audit.labels.given.BLOCK_ENTRIES", 33)
    assert np.array_equal(sharpened_own(values, labels, 1.5), own)
