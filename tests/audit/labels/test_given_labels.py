"""What enters the room is checked once, with the row named."""

import numpy as np
import pytest

from assay.audit.labels.given import BLOCK_ENTRIES, check_labels, check_probabilities, checked_shape, row_blocks
from assay.errors import InputError

EVEN = np.full((3, 2), 0.5)


@pytest.mark.parametrize(("n", "width"), [(0, 3), (1, 1), (10, BLOCK_ENTRIES), (7, BLOCK_ENTRIES // 3), (5, 10**9)])
def test_blocks_cover_every_row_once_and_stay_small(n: int, width: int) -> None:
    blocks = list(row_blocks(n, width))
    assert [row for block in blocks for row in range(block.start, block.stop)] == list(range(n))
    assert all((block.stop - block.start) * width <= max(BLOCK_ENTRIES, width) for block in blocks)


def test_labels_of_any_whole_type_become_indices() -> None:
    assert check_labels(np.array([0, 1, 2], dtype=np.uint8), 3).dtype == np.int64


@pytest.mark.parametrize(
    ("labels", "classes", "message"),
    [
        (np.array([0.0, 1.0]), 2, "one row of class indices, got float64"),
        (np.zeros((2, 2), dtype=int), 2, r"one row of class indices, got int64 of shape \(2, 2\)"),
        (np.array([], dtype=int), 2, "at least one example, got 0"),
        (np.array([0, 0]), 1, "at least 2 classes, got 1"),
        (np.array([0, 2, -1]), 2, r"in 0..1, got 2 at row 1 \(2 such rows\)"),
        (np.array([0, -1]), 2, "give unlabelled examples to propose_additions"),
    ],
)
def test_bad_labels(labels: np.ndarray, classes: int, message: str) -> None:
    with pytest.raises(InputError, match=message):
        check_labels(labels, classes)


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
def test_probabilities_of_any_precision(kind: type) -> None:
    values = np.random.default_rng(0).dirichlet(np.ones(1000), size=5).astype(kind)
    assert check_probabilities({"a": values}) == (5, 1000)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (np.array([[0.5, 0.5], [0.9, 0.2], [0.5, 0.5]]), "sum to 1 in every row, got a sum of 1.1 .* at row 1"),
        (np.array([[1.5, -0.5]]), "least value of -0.5 at row 0; apply softmax"),
        (np.array([[0.5, np.nan]]), "got a sum of nan"),
        (np.array([[0.5, np.inf]]), "got a sum of inf"),
        (np.ones(3), r"must have shape \(examples, classes\), got \(3,\)"),
        (np.ones((3, 2), dtype=int), "must be floating-point numbers"),
    ],
)
def test_bad_probabilities(values: np.ndarray, message: str) -> None:
    with pytest.raises(InputError, match=message):
        check_probabilities({"a": values})


def test_a_bad_row_beyond_the_first_block_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assay.audit.labels.given.BLOCK_ENTRIES", 4)
    values = np.vstack([EVEN, [[0.7, 0.7]]])
    with pytest.raises(InputError, match="at row 3"):
        check_probabilities({"a": values})


def test_members_of_different_shapes_and_no_members() -> None:
    with pytest.raises(InputError, match=r"probabilities of 'b' must be floating-point numbers of shape \(3, 2\)"):
        check_probabilities({"a": EVEN, "b": EVEN[:2]})
    with pytest.raises(InputError, match="at least one member, got none"):
        check_probabilities({})
    with pytest.raises(InputError, match="one column a class, alike for all members"):
        checked_shape("these", EVEN, (3, 3))
