"""For inspections: every cell and row that a training would refuse is named, and the rest is read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars
import pytest
import torch

from assay.data.data import Data
from assay.data.open import open_data
from assay.data.reading.stray_words import Strays, find_strays, set_aside
from assay.errors import InputError
from assay.finding import Finding


def write(tmp_path: Path, changes: dict[int, str], count: int = 40) -> Path:
    """size, town, price; rows counted from 1 as users do."""
    rows = [changes.get(i, f"{i}.5,{'Ulm' if i % 3 else 'Bern'},{3 * i}.25") for i in range(1, count + 1)]
    (tmp_path / "toy.csv").write_text("\n".join(["size,town,price", *rows]) + "\n")
    return tmp_path / "toy.csv"


def told(data: Data, name: str) -> Finding:
    (finding,) = (finding for finding in data.findings if finding.id == name)
    return finding


def ids(data: Data) -> set[str]:
    return {*data.train.ids, *data.validation.ids, *data.test.ids}


def test_a_clean_table_has_nothing_to_forgive(tmp_path: Path) -> None:
    path = write(tmp_path, {})
    strict, tolerant = open_data(path, target="price"), open_data(path, target="price", tolerant=True)
    assert tolerant.fingerprint == strict.fingerprint
    assert [finding.id for finding in tolerant.findings] == ["task_inferred"]


def test_words_among_numbers_are_named_and_filled(tmp_path: Path) -> None:
    path = write(tmp_path, {7: "about 8,Ulm,21.25", 9: "two,Ulm,27.25"})
    with pytest.raises(InputError, match="row 7, column 'size': 'about 8' is not a number"):
        open_data(path, target="price", impute=True)
    data = open_data(path, target="price", tolerant=True)
    finding = told(data, "mixed_types")
    assert finding.level == "proved"
    assert "Column 'size' holds 2 words among numbers (5.0% of 40 rows)" in finding.summary
    assert finding.evidence["rows"] == ["row 7", "row 9"]
    assert finding.evidence["cells"] == ["about 8", "two"]
    assert told(data, "missing_cells").evidence["rows"] == {"size": ["row 7", "row 9"]}
    assert len(ids(data)) == 40


def test_numbers_among_words_are_a_note(tmp_path: Path) -> None:
    data = open_data(write(tmp_path, {4: "4.5,12,8.25", 8: "8.5,12,9.25"}), target="price", tolerant=True)
    finding = told(data, "mixed_types")
    assert (finding.level, finding.evidence["rows"]) == ("note", ["row 4", "row 8"])
    assert "holds 2 numbers among words (5.0% of 40 rows), here taken for categories" in finding.summary


def test_missing_cells_are_proved_unless_they_were_to_be_filled(tmp_path: Path) -> None:
    path = write(tmp_path, {3: ",Ulm,9.25", 5: "inf,Ulm,15.25", 6: "6.5,,18.25"})
    finding = told(open_data(path, target="price", tolerant=True), "missing_cells")
    assert finding.level == "proved"
    assert finding.evidence["cells_per_column"] == {"size": 2, "town": 1}
    assert finding.evidence["rows"] == {"size": ["row 3", "row 5"], "town": ["row 6"]}
    assert "most are in 'size' (2 of 40 rows, such as row 3)" in finding.summary
    assert told(open_data(path, target="price", impute=True), "missing_cells").level == "suspect"


@pytest.mark.parametrize("cell", ["", "na", "inf", "on request"])
def test_rows_without_a_target_are_left_out_and_others_keep_their_names(tmp_path: Path, cell: str) -> None:
    data = open_data(write(tmp_path, {2: f"2.5,Ulm,{cell}"}), target="price", tolerant=True)
    finding = told(data, "rows_without_target")
    assert (finding.level, finding.evidence) == ("proved", {"count": 1, "n": 40, "rows": ["row 2"]})
    assert ids(data) == {f"row {i}" for i in range(1, 41)} - {"row 2"}
    row = int(data.train.ids[0].split()[1])
    assert float(data.train.targets[0]) == 3 * row + 0.25


def test_words_as_targets_may_miss_too(tmp_path: Path) -> None:
    rows = "\n".join(f"{i},{'yes' if i % 2 else 'no'}" for i in range(40))
    (tmp_path / "toy.csv").write_text(f"x,y\n{rows}\n99,\n")
    data = open_data(tmp_path / "toy.csv", target="y", tolerant=True)
    assert told(data, "rows_without_target").evidence["rows"] == ["row 41"]
    assert data.specification.classes == ("no", "yes")


def test_strays_by_hand() -> None:
    assert find_strays("x", ["1", "2", "three", "", "?", None, "4"]) == Strays("x", (2,), ("three",), True)
    assert find_strays("x", ["a", "2", "b", ""]) == Strays("x", (1,), ("2",), False)
    assert find_strays("x", ["1", "2", "nan"]) is None
    assert find_strays("x", [1.0, 2.0, None]) is None


def test_only_words_are_set_aside() -> None:
    table = polars.DataFrame({"x": ["1", "2", "three"], "y": ["a", "b", "3"]})
    strays = [Strays("x", (2,), ("three",), True), Strays("y", (2,), ("3",), False)]
    assert set_aside(table, strays).rows() == [("1", "a"), ("2", "b"), (None, "3")]
    assert set_aside(table, []).equals(table)


def test_arrays_with_missing_numbers_are_filled_and_told(tmp_path: Path) -> None:
    values = np.random.default_rng(0).normal(size=(40, 3))
    values[4, 1] = np.nan
    np.savez(tmp_path / "a.npz", x=values, y=np.arange(40) % 2)
    data = open_data(tmp_path / "a.npz", tolerant=True)
    assert told(data, "missing_cells").evidence["rows"] == {"2": ["row 5"]}
    assert all(torch.isfinite(split.gather(torch.arange(len(split)))).all() for split in (data.train, data.test))
