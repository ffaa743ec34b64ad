"""Numbers with decimal commas, dates as a target, and quoted headers: read as meant, or named."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
import torch

from assay.data.data import Data
from assay.data.open import open_data
from assay.errors import InputError


def write(path: Path, header: str, rows: Sequence[str]) -> Path:
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def ids_of(data: Data) -> set[str]:
    return {finding.id for finding in data.findings}


def values_of(data: Data) -> torch.Tensor:
    return torch.cat([split.gather(torch.arange(len(split))) for split in (data.train, data.validation, data.test)])


def test_decimal_commas_between_semicolons_are_numbers(tmp_path: Path) -> None:
    rows = [f"{row},5;1.{row:03d},25;{row};{'AB'[row % 2]}" for row in range(20)]
    data = open_data(write(tmp_path / "d.csv", "a;b;c;kind", rows), target="kind")
    assert data.specification.input_shape == (3,)
    first = {row[0].item(): row.tolist() for row in values_of(data)}[7.5]
    assert first == [7.5, 1007.25, 7.0]
    (told,) = (finding for finding in data.findings if finding.id == "decimal_commas")
    assert told.evidence["columns"] == ["a", "b"]
    assert "2 columns, 'a', 'b' are written with decimal commas" in told.summary


def test_missing_cells_do_not_keep_commas_from_being_read(tmp_path: Path) -> None:
    rows = [f"{'NA' if row == 3 else f'{row},5'};{'AB'[row % 2]}" for row in range(20)]
    data = open_data(write(tmp_path / "d.csv", "a;kind", rows), target="kind", tolerant=True)
    assert data.specification.input_shape == (1,)


def test_a_target_with_decimal_commas_is_a_regression(tmp_path: Path) -> None:
    data = open_data(write(tmp_path / "d.csv", "a;y", [f"{row};{row},5" for row in range(30)]), target="y")
    assert data.specification.task == "regression"


@pytest.mark.parametrize(("header", "cell"), [("a,kind", '"{},5",{}'), ("a;kind", "{},5;{}")])
def test_commas_that_are_not_read_are_named(tmp_path: Path, header: str, cell: str) -> None:
    rows = [cell.format(row % 5, "AB"[row % 2]) for row in range(30)]
    # A word among them, where semicolons part the columns.
    rows = ["k.A.;A", *rows] if ";" in header else rows
    data = open_data(write(tmp_path / "d.csv", header, rows), target="kind", tolerant=True)
    (told,) = (finding for finding in data.findings if finding.id == "numbers_as_words")
    assert told.level == "suspect"
    assert told.evidence["count"] == 30
    assert "such as '0,5'; they are taken as words" in told.summary


def test_words_with_commas_are_words(tmp_path: Path) -> None:
    rows = [f"{('left, up', 'down, 2')[row // 2 % 2]};{row};{'AB'[row % 2]}" for row in range(30)]
    assert not ids_of(open_data(write(tmp_path / "d.csv", "a;b;kind", rows), target="kind")) & {
        "decimal_commas", "numbers_as_words"
    }  # fmt: skip


def test_a_comma_among_points_says_how_to_write_it(tmp_path: Path) -> None:
    rows = [f"{row}.5;{'AB'[row % 2]}" for row in range(20)]
    with pytest.raises(InputError, match=r"row 1, column 'a': '5,3' is not a number.*write it with a point"):
        open_data(write(tmp_path / "d.csv", "a;kind", ["5,3;A", *rows]), target="kind")


def test_a_model_reads_commas_as_its_training_did(tmp_path: Path) -> None:
    rows = [f"{row},5;{'AB'[row % 2]}" for row in range(20)]
    data = open_data(write(tmp_path / "d.csv", "a;kind", rows), target="kind")
    encoder = data.specification.encoder
    assert encoder is not None
    assert encoder.read(write(tmp_path / "new.csv", "a;b", ["7,25;", "3;"])).tolist() == [[7.25], [3.0]]


def test_dates_as_a_target_are_named(tmp_path: Path) -> None:
    rows = [f"{row},2024-03-{1 + row % 4:02d}" for row in range(40)]
    data = open_data(write(tmp_path / "d.csv", "a,day", rows), target="day")
    (told,) = (finding for finding in data.findings if finding.id == "dates_as_classes")
    assert told.level == "suspect"
    assert told.summary.startswith("The target 'day' holds dates; they are taken as 4 classes")


@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_names_in_quotes_are_read_as_they_are_meant(tmp_path: Path, sign: str) -> None:
    rows = [f"{row}{sign}{row % 3}{sign}{'AB'[row % 2]}" for row in range(20)]
    path = write(tmp_path / "d.csv", sign.join(['"ki""nd"', '" long name "', '"y"']), rows)
    data = open_data(path, target="y", seed=1)
    encoder = data.specification.encoder
    assert [column.name for column in encoder.columns] == ['ki"nd', "long name"]  # pyright: ignore


def test_two_columns_of_one_name_are_refused_when_quotes_hide_it(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"two columns are called 'a'"):
        open_data(write(tmp_path / "d.csv", '"a",a,y', ["1,2,A", "3,4,B"]), target="y")
