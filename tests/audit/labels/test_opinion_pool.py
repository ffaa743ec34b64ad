"""The pool by hand: half way between a mixture and a product."""

import numpy as np
import pytest

from assay.audit.labels.pool import pool_members

FIRST, SECOND = np.array([[0.8, 0.2], [0.5, 0.5]]), np.array([[0.4, 0.6], [0.5, 0.5]])
PLAIN = np.ones(2)


def test_by_hand() -> None:
    mixture = 0.75 * FIRST + 0.25 * SECOND
    product = FIRST**0.75 * SECOND**0.25
    both = np.sqrt(mixture * product)
    expected = both / both.sum(1, keepdims=True)
    assert pool_members([FIRST, SECOND], np.array([0.75, 0.25]), PLAIN) == pytest.approx(expected, abs=1e-6)


def test_one_member_is_itself() -> None:
    assert pool_members([FIRST], np.ones(1), np.ones(1)) == pytest.approx(FIRST, abs=1e-6)
    assert pool_members([FIRST, SECOND], np.array([1.0, 0.0]), PLAIN) == pytest.approx(FIRST, abs=1e-6)


def test_rows_sum_to_one_and_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = np.random.default_rng(0)
    members = [draw.dirichlet(np.full(50, 0.05), size=20).astype(np.float16) for _ in range(3)]
    weights, sharpness = np.array([0.5, 0.3, 0.2]), np.array([0.5, 1.0, 3.0])
    whole = pool_members(members, weights, sharpness)
    assert whole.sum(1) == pytest.approx(1.0, abs=1e-5)
    monkeypatch.setattr("assay.audit.labels.given.BLOCK_ENTRIES", 120)
    assert np.array_equal(pool_members(members, weights, sharpness), whole)
