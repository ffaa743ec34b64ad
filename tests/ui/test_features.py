"""A user's own columns on the page: to filter and sort by, and beside what is usual of a class."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest
from page_support import make_workspace
from starlette.testclient import TestClient

from assay.data.open import open_data
from assay.ui.app import make_app
from assay.ui.example_rows import add_features, list_examples
from assay.ui.features import compare_values, usual, values_of
from assay.ui.subject import Subject
from assay.ui.views import Wish


@pytest.fixture
def subject(tmp_path: Path) -> Subject:
    """40 bottles: strength 1 to 40, weak ones red; `mean` is called like a column of the audit."""
    rows = [f"{n},{'cork' if n % 4 else 'screw'},{n / 2},{'red' if n <= 20 else 'white'}" for n in range(1, 41)]
    path = tmp_path / "wine.csv"
    path.write_text("\n".join(["strength,closure,mean,kind", *rows]))
    data = open_data(path, target="kind")
    table, features = add_features(list_examples(data), data)
    return Subject(data, table, features=features)


def test_own_columns_are_there_as_they_were_written(subject: Subject) -> None:
    assert subject.features == ("strength", "closure", "mean_value"), "ours keeps its name"
    row = subject.table.filter(pl.col("strength") == 8).row(0, named=True)
    assert (row["closure"], row["mean_value"], row["label"]) == ("screw", 4.0, "red")
    assert values_of(subject, row["row"]) == [("strength", "8"), ("closure", "screw"), ("mean", "4")]


def test_what_is_usual_is_where_nine_of_ten_lie_or_the_commonest_word(subject: Subject) -> None:
    low, high = usual(pl.Series([float(n) for n in range(101)]))
    assert (low, high) == (5.0, 95.0)
    assert usual(pl.Series(["a", "b", "b"])) == "b"
    row = subject.table.filter(pl.col("strength") == 40)["row"][0]
    compared = compare_values(subject, row, ["red", "white"])
    strength, closure, _ = compared["lines"]
    assert strength["is_far"], "40 is far from what is usual of red, 1 to 20"
    assert not closure["is_far"]
    assert closure["ranges"] == ["cork", "cork"]
    assert not compare_values(subject, row - row + subject.row_of["row 30"], ["white"])["lines"][0]["is_far"]


def test_a_table_is_browsed_in_lines_under_its_own_names(subject: Subject, tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path, subject.data, subject.table)
    workspace.subject = subject
    client = TestClient(make_app(workspace), base_url="http://localhost")
    assert 'title="strength"' in client.get("/browse").text
    text = client.get("/browse/cells?where=strength%20%3C%204&sort=strength&descending=1").text
    assert re.findall(r'<span class="number">([\d.]+)</span>', text) == ["3", "1.5", "2", "1", "1", "0.5"]
    assert len(workspace.rows(Wish(where="closure = 'screw'"))) == 10


def test_pictures_have_no_columns_of_their_own(tiny_images: object) -> None:
    from assay.data.data import Data

    assert isinstance(tiny_images, Data)
    examples = list_examples(tiny_images)
    table, features = add_features(examples, tiny_images)
    assert features == ()
    assert table is examples
