"""What is read of each member, worked by hand."""

import numpy as np
import pytest

from assay.audit.labels.members import LEAST, log_margin, votes_of

VALUES = np.array([[0.7, 0.2, 0.1], [0.25, 0.5, 0.25], [1.0, 0.0, 0.0]])
LABELS = np.array([0, 2, 1])


def test_log_margin_by_hand() -> None:
    expected = [np.log(0.7 / 0.2), np.log(0.25 / 0.5), np.log(LEAST)]
    assert log_margin(VALUES, LABELS) == pytest.approx(expected)


def test_margin_of_logits_is_the_margin_of_log_probabilities() -> None:
    draw = np.random.default_rng(0)
    logits = draw.standard_normal((20, 4))
    powers = np.exp(logits)
    labels = draw.integers(4, size=20)
    others = np.where(np.arange(4) == labels[:, None], -np.inf, logits).max(1)
    expected = logits[np.arange(20), labels] - others
    assert log_margin(powers / powers.sum(1, keepdims=True), labels) == pytest.approx(expected)


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = log_margin(VALUES, LABELS)
    monkeypatch.setattr("assay.audit.labels.given.BLOCK_ENTRIES", 3)
    assert np.array_equal(log_margin(VALUES, LABELS), whole)


def test_votes() -> None:
    assert votes_of({"a": VALUES, "b": VALUES[:, ::-1]}).tolist() == [[0, 2], [1, 1], [0, 2]]
