"""Which rows follow one another: by number, by series, by part of the source."""

import numpy as np

from assay.audit.dependence.series import find_neighbours


def pairs(*ids: str) -> list[tuple[str, str]]:
    return [(ids[first], ids[second]) for first, second in find_neighbours(ids).tolist()]


def test_rows_follow_one_another_by_number() -> None:
    assert pairs("row 10", "row 9", "row 2") == [("row 2", "row 9"), ("row 9", "row 10")]


def test_each_series_has_its_own_order() -> None:
    assert pairs("a/f_1.png", "b/f_2.png", "a/f_3.png", "b/f_1.png") == [
        ("a/f_1.png", "a/f_3.png"),
        ("b/f_1.png", "b/f_2.png"),
    ]


def test_parts_of_a_source_are_apart() -> None:
    assert pairs("train row 1", "test row 2") == []


def test_names_without_a_number_and_hashes_are_no_series() -> None:
    assert find_neighbours(["dog", "cat"]).shape == (0, 2)
    assert find_neighbours([f"{number:020d}" for number in range(5)]).dtype == np.int64
    assert len(find_neighbours([f"{number:020d}" for number in range(5)])) == 0
