"""Classes in order, and quantities told from classes."""

from __future__ import annotations

from assay.data.labels import encode_labels, looks_continuous


def test_words_sort_by_letter_and_numbers_by_value() -> None:
    classes, indices = encode_labels(["b", "a", "b"])
    assert (classes, indices.tolist()) == (("a", "b"), [1, 0, 1])
    classes, indices = encode_labels([10, 9, 10])
    assert (classes, indices.tolist()) == (("9", "10"), [1, 0, 1])


def test_fractions_or_more_than_twenty_values_are_a_quantity() -> None:
    assert not looks_continuous([float(value) for value in range(20)])
    assert looks_continuous([float(value) for value in range(21)])
    assert looks_continuous([1.0, 2.5])
