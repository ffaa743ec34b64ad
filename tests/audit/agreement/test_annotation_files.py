"""Files of several annotators in both forms, and those that are refused with row and column."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars
import pytest

from assay.audit.agreement import read_annotations
from assay.audit.agreement.annotations import Repeat
from assay.errors import InputError


def write(folder: Path, text: str, name: str = "votes.csv") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_the_wide_form_with_missing_cells_and_an_example_again(tmp_path: Path) -> None:
    path = write(tmp_path, "image,anna,ben\nx.png,cat,dog\ny.png,,dog\nz.png,dog,n/a\nx.png,dog,dog\n")
    read = read_annotations(path)
    assert (read.ids, read.annotators, read.classes) == (("x.png", "y.png", "z.png"), ("anna", "ben"), ("cat", "dog"))
    assert read.labels.tolist() == [[0, 1], [-1, 1], [1, -1]]
    assert read.repeats == (Repeat(0, 0, 0, 1), Repeat(0, 1, 1, 1))
    assert read.counts.tolist() == [[1, 1], [0, 1], [0, 1]]


def test_the_long_form_says_the_same(tmp_path: Path) -> None:
    text = "worker;file;answer\nanna;x.png;cat\nben;x.png;dog\nben;y.png;dog\nanna;z.png;dog\nanna;x.png;dog\n"
    read = read_annotations(write(tmp_path, text))
    assert (read.ids, read.annotators) == (("x.png", "y.png", "z.png"), ("anna", "ben"))
    assert read.labels.tolist() == [[0, 1], [-1, 1], [1, -1]]
    assert read.repeats == (Repeat(0, 0, 0, 1),)


def test_columns_by_other_names_and_classes_in_their_order(tmp_path: Path) -> None:
    path = write(tmp_path, "photo,who,says\nx,anna,dog\nx,ben,cat\n")
    read = read_annotations(path, example="photo", annotator="who", label="says", classes=("dog", "cat", "bird"))
    assert read.labels.tolist() == [[0, 1]]
    assert read.classes == ("dog", "cat", "bird")


def test_rows_are_examples_where_no_column_names_them_and_numbers_are_sorted_by_value(tmp_path: Path) -> None:
    read = read_annotations(write(tmp_path, "anna,ben\n10,9\n9,9\n"))
    assert (read.ids, read.classes) == (("row 1", "row 2"), ("9", "10"))
    assert read.labels.tolist() == [[1, 0], [0, 0]]


def test_parquet_numbers_are_the_same_classes(tmp_path: Path) -> None:
    path = tmp_path / "votes.parquet"
    polars.DataFrame({"id": [7, 8], "anna": [3, None], "ben": [3.0, 10.0]}).write_parquet(path)
    read = read_annotations(path)
    assert (read.ids, read.classes) == (("7", "8"), ("3", "10"))
    assert read.labels.tolist() == [[0, 0], [-1, 1]]
    assert read.labels.dtype == np.int64


@pytest.mark.parametrize(
    ("text", "arguments", "message"),
    [
        ("id,anna\nx,cat\n", {}, r"has 1 column of answers \(anna\); the wide form needs one for each of two"),
        ("id,anna,ben\n,cat,cat\n", {}, "row 1, column 'id' is empty; name the example or remove the row"),
        ("id,rater,label\nx,anna,cat\nx,,cat\n", {}, "row 2, column 'rater' is empty; fill it or remove the row"),
        ("rater,label\nanna,cat\n", {}, "which column names the examples"),
        ("id,anna,ben\nx,,\n", {}, "holds no answer; fill in some labels"),
        ("id,anna,ben\nx,cat,cta\n", {"classes": ("cat", "dog")},
         r"row 1, column 'ben': label 'cta' is not a class \(did you mean 'cat'\?\)"),
        ("id,anna,ben\nx,cat,dog\n", {"label": "answer"}, "label 'answer' is not a column; columns: id, anna, ben"),
        ("id,anna,ben\nx,cat,dog\n", {"annotator": "ann"}, r"annotator 'ann' is not a column \(did you mean 'anna'"),
        ("id,anna,ben\nx,cat,dog\n", {"annotator": "anna"}, "the long form needs both an annotator and a label column"),
        ("id,anna,ben\nx,cat,dog,bird\n", {}, "row 1 has 4 cells, the header has 3"),
    ],
)  # fmt: skip
def test_bad_files_are_refused_with_row_and_column(tmp_path: Path, text: str, arguments: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_annotations(write(tmp_path, text), **arguments)


def test_a_column_that_names_rows_is_no_annotator(tmp_path: Path) -> None:
    rows = "".join(f"picture {number},cat,dog\n" for number in range(30))
    with pytest.raises(InputError, match="column 'photo' has 30 different labels in 30 rows, so it is no annotator"):
        read_annotations(write(tmp_path, f"photo,anna,ben\n{rows}"))
    with pytest.raises(InputError, match=r"nowhere\.csv: no such file"):
        read_annotations(tmp_path / "nowhere.csv")
