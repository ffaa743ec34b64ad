"""The book's table of capacity, for what was searched."""

from __future__ import annotations

from assay.tuning.capacity import capacity_table


def test_rows_of_what_was_searched() -> None:
    table = capacity_table(["learning_rate", "weight_decay", "ResNet.width", "Dropout.rate", "OneCycle.shape"])
    assert table is not None
    assert [row[:2] for row in table.rows] == [
        ("learning_rate", "tuned"),
        ("weight_decay", "decreased"),
        ("ResNet.width", "increased"),
        ("Dropout.rate", "decreased"),
    ]


def test_no_table_without_a_row() -> None:
    assert capacity_table(["OneCycle.shape", "batch_size"]) is None
