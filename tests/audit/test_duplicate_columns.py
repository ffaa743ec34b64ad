"""Columns that say the same: found exactly, in other units and under other names; not where they are only alike."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from assay.audit.duplicate_columns import find_duplicate_columns, same_numbers, same_words
from assay.audit.scan import scan
from assay.data.data import Data
from assay.finding import Finding


def look(data: Data) -> list[Finding]:
    return find_duplicate_columns(data, {"train": scan(data.train)})


def one_hot(codes: np.ndarray) -> np.ndarray:
    return np.eye(codes.max() + 1)[codes]


def test_independent_columns_are_not_the_same(make_table) -> None:
    for seed in range(20):
        print("seed", seed)
        assert look(make_table(seed)) == []


def test_coarse_and_sparse_columns_are_not_the_same(make_data) -> None:
    for seed in range(20):
        print("seed", seed)
        drawn = torch.Generator().manual_seed(seed)
        coarse = torch.randint(0, 2, (200, 6), generator=drawn).float()
        sparse = (torch.rand(200, 6, generator=drawn) < 0.02).float()
        assert look(make_data(torch.cat([coarse, sparse], dim=1), torch.arange(200) % 2)) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda column: column, "are equal"),
        (lambda column: 2.54 * column - 7, "differ by a factor and an offset"),
        (lambda column: -column, "differ by a factor and an offset"),
    ],
)
def test_a_copy_is_suspect_with_its_names(make_table, change, words: str) -> None:
    data = make_table(3)
    data.train.inputs[:, 4] = change(data.train.inputs[:, 1])
    (finding,) = look(data)
    assert (finding.level, finding.evidence["count"]) == ("suspect", 1)
    assert f"'column 2' and 'column 5' {words} (n=120 training examples)" in finding.summary


def test_a_copy_with_a_few_other_cells_is_a_note(make_table) -> None:
    data = make_table(3)
    data.train.inputs[:, 4] = data.train.inputs[:, 1]
    data.train.inputs[7, 4] += 1.0
    (finding,) = look(data)
    assert finding.level == "note"
    assert "are equal in 99.2% of the rows" in finding.summary


def test_constant_columns_are_told_of_elsewhere(make_table) -> None:
    data = make_table(3)
    data.train.inputs[:, [1, 4]] = 7.0
    assert look(data) == []


def test_values_under_other_names_are_the_same() -> None:
    drawn = np.random.default_rng(5)
    codes = drawn.integers(0, 4, 200)
    columns = {
        "town": one_hot(codes), "place": one_hot((codes + 1) % 4), "code": (10.0 * codes * codes)[:, None],
        "other": one_hot(drawn.integers(0, 4, 200)),
    }  # fmt: skip
    assert [(pair.first, pair.second) for pair in same_words(columns)] == [
        ("town", "place"), ("town", "code"), ("place", "code"),
    ]  # fmt: skip
    merged = {"town": one_hot(codes), "country": one_hot(codes // 2)}
    assert same_words(merged) == []


def test_names_of_rows_go_with_anything_and_are_not_told() -> None:
    assert same_words({"name": one_hot(np.arange(60)), "number": np.arange(60.0)[:, None]}) == []


def test_numbers_agree_with_the_correlation_one_pair_at_a_time() -> None:
    drawn = np.random.default_rng(6)
    columns = {str(place): drawn.normal(size=(50, 1)) for place in range(12)}
    columns["7"] = 3 - columns["2"]
    found = {(pair.first, pair.second) for pair in same_numbers(columns)}
    wanted = {
        (one, other)
        for one in columns
        for other in columns
        if int(one) < int(other) and abs(np.corrcoef(columns[one][:, 0], columns[other][:, 0])[0, 1]) > 1 - 1e-9
    }
    assert found == wanted == {("2", "7")}


def test_images_and_few_rows_are_not_asked(images: Data, make_table) -> None:
    assert look(images) == []
    few = make_table(0)
    few.train.inputs[20:] = torch.nan
    few.train.inputs[:, 4] = few.train.inputs[:, 1]
    assert look(few) == []
