"""A cell of half a file, as a forgotten quote makes one, is named by how it begins wherever it is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from assay.audit.inspect import inspect
from assay.audit.names import feature_names
from assay.data.open import open_data
from assay.data.reading.cells import MOST_LETTERS, beginning
from assay.errors import InputError

ENDLESS = "lorem ipsum " * 10_000


def write(path: Path, *, header: str = "x,w,y", cell: str = "p", target: str = "A") -> Path:
    rows = [f"{row},{'pq'[row % 2]},{'AB'[row % 2]}" for row in range(40)]
    path.write_text("\n".join([header, f"1,{cell},{target}", *rows]) + "\n")
    return path


def test_a_short_text_is_told_whole() -> None:
    assert beginning("a" * MOST_LETTERS) == "a" * MOST_LETTERS
    assert beginning("a" * 3_000) == "a" * MOST_LETTERS + "… (3,000 letters)"


def test_in_a_column_of_words_it_floods_nothing(tmp_path: Path) -> None:
    data = open_data(write(tmp_path / "d.csv", cell=ENDLESS), target="y", tolerant=True)
    assert max(map(len, feature_names(data.specification))) < 2 * MOST_LETTERS
    assert len(str(inspect(data, budget_seconds=20).report.to_dict())) < 50_000


def test_among_numbers_it_floods_nothing(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text("x,y\n" + f"{ENDLESS},A\n" + "".join(f"{row},{'AB'[row % 2]}\n" for row in range(40)))
    with pytest.raises(InputError, match=r"119,999 letters\)' is not a number") as refused:
        open_data(path, target="y")
    assert len(str(refused.value)) < 1_000
    (told,) = (found for found in open_data(path, target="y", tolerant=True).findings if found.id == "mixed_types")
    assert len(told.summary) + len(str(told.evidence)) < 2_000


def test_as_a_new_category_it_floods_nothing(tmp_path: Path) -> None:
    data = open_data(write(tmp_path / "d.csv"), target="y")
    encoder = data.specification.encoder
    assert encoder is not None
    with pytest.raises(InputError, match="is new; the model knows p, q") as refused:
        encoder.read(write(tmp_path / "new.csv", cell=ENDLESS))
    assert len(str(refused.value)) < 1_000


def test_it_names_no_class(tmp_path: Path) -> None:
    path = write(tmp_path / "d.csv", target=ENDLESS)
    with pytest.raises(
        InputError, match=r"row 1, column 'y': a cell of 119,999 letters cannot name a class"
    ) as refused:
        open_data(path, target="y")
    assert len(str(refused.value)) < 1_000
    data = open_data(path, target="y", tolerant=True)
    assert data.specification.classes == ("A", "B")
    (told,) = (found for found in data.findings if found.id == "rows_without_target")
    assert told.evidence["rows"] == ["row 1"]
    assert len(told.summary) < 1_000


def test_it_names_no_column(tmp_path: Path) -> None:
    path = write(tmp_path / "d.csv", header=f"x,{ENDLESS},y")
    with pytest.raises(InputError, match=r"a column's name has 119,999 letters; the header may lack a quote"):
        open_data(path, target="y")
