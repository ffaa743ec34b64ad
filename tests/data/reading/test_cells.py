"""What cells of a table look like: dates, and numbers with decimal commas."""

from __future__ import annotations

import re

import pytest

from assay.data.reading.cells import COMMA_NUMBER, are_dates, has_decimal_comma


@pytest.mark.parametrize(
    "word", ["2024-06-01", "2024/6/1", "01.06.2024", "1/6/24", "2024-06-01T10:00", "31.12.99 23:59"]
)
def test_dates(word: str):
    assert are_dates([word])


@pytest.mark.parametrize(
    "word", ["10-12/99", "2024-06/01", "1.2.130", "99.99.2024", "2024-00-01", "1.2", "192.168.0.1"]
)
def test_what_only_has_signs_between_numbers_is_no_date(word: str):
    assert not are_dates([word])


@pytest.mark.parametrize("cell", ["5,3", "-1.234,5", "+12,0e3"])
def test_numbers_with_decimal_commas(cell: str):
    assert has_decimal_comma(cell)
    assert re.search(COMMA_NUMBER, cell)


@pytest.mark.parametrize(("cell", "is_number"), [("1.234", True), ("12", True), ("1.5", False), ("1,2,3", False)])
def test_others_beside_them(cell: str, is_number: bool):
    assert not has_decimal_comma(cell)
    assert bool(re.search(COMMA_NUMBER, cell)) == is_number
