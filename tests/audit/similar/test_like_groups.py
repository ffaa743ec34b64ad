"""Pairs and the groups they make."""

from __future__ import annotations

import numpy as np

from assay.audit.similar.groups import KINDS, Pairs, group_pairs, join_pairs, link_equals


def pairs_of(*rows: tuple[int, int, int]) -> Pairs:
    first, second, kind = np.array(rows).reshape(-1, 3).T
    return Pairs(first, second, kind, np.zeros(len(first)))


def test_a_chain_is_one_group_and_the_rest_are_alone() -> None:
    group = group_pairs(pairs_of((0, 1, 0), (1, 4, 3), (2, 5, 1)), 6)
    assert group[0] == group[1] == group[4]
    assert group[2] == group[5] != group[0]
    assert len(set(group.tolist())) == 3


def test_no_pairs_leave_everybody_alone() -> None:
    assert len(set(group_pairs(pairs_of(), 4).tolist())) == 4


def test_equal_values_are_joined_by_as_few_pairs_as_do() -> None:
    values = np.array([7, 3, 7, 9, 7, 3])
    pairs = link_equals(values, values, "exact")
    assert sorted(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True)) == [(0, 2), (0, 4), (1, 5)]


def test_mirror_images_are_found_between_two_columns() -> None:
    pairs = link_equals(np.array([1, 2, 3, 5]), np.array([9, 3, 2, 5]), "flip")  # row 3 is its own mirror image
    assert set(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True)) == {(1, 2)}


def test_a_pair_found_twice_counts_as_its_surer_kind() -> None:
    joined = join_pairs(pairs_of((0, 1, 1)), pairs_of((0, 1, 3), (2, 3, 3)))
    assert joined.counts() == {"flip": 1, "near": 1}
    assert [KINDS[kind] for kind in joined.kind] == ["flip", "near"]
    assert len(joined.of_kinds("near")) == 1
