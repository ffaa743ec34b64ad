"""Tables: numbers, words, tasks, and every bad cell by row and column."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Literal

import polars
import pytest
import torch

from assay.data.encoders import TableEncoder, as_batch
from assay.data.open import open_data
from assay.data.reading.column import Column
from assay.errors import InputError


def write(tmp_path: Path, header: str, *rows: str) -> Path:
    path = tmp_path / "toy.csv"
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def rows_of(count: int = 40) -> list[str]:
    """size, town, kind: kind depends on nothing, 40 rows."""
    return [f"{index}.5,{'Ulm' if index % 3 else 'Bern'},{'yes' if index % 2 else 'no'}" for index in range(count)]


def test_numbers_and_words_become_features(tmp_path: Path) -> None:
    path = write(tmp_path, "size,town,kind", *rows_of())
    data = open_data(path, target="kind")
    assert data.specification.classes == ("no", "yes")
    assert data.specification.encoder == TableEncoder((Column("size"), Column("town", categories=("Bern", "Ulm"))))
    index = int(data.train.ids[3].split()[1]) - 1
    town = [0.0, 1.0] if index % 3 else [1.0, 0.0]
    assert data.train.gather(torch.tensor([3]))[0].tolist() == [index + 0.5, *town]
    assert as_batch(data.specification.encoder, path).shape == (40, 3)


def test_whole_numbers_of_few_values_are_classes_in_order_of_value(tmp_path: Path) -> None:
    data = open_data(write(tmp_path, "x,y", *(f"{i},{9 + i % 2}" for i in range(40))), target="y")
    assert data.specification.classes == ("9", "10")
    (finding,) = data.findings
    assert finding.id == "task_inferred"
    assert "classification, because column 'y' holds whole numbers of 2 values" in finding.summary


@pytest.mark.parametrize("step", [1, 0.25])
def test_many_or_fractional_numbers_are_regression(tmp_path: Path, step: float) -> None:
    path = write(tmp_path, "x,y", *(f"{i},{i % 25 * step:g}" for i in range(50)))
    data = open_data(path, target="y")
    assert data.specification.task == "regression"
    assert data.specification.num_outputs == 1
    row = int(data.test.ids[0].split()[1]) - 1
    assert float(data.test.targets[0]) == row % 25 * step


def test_parquet_reads_as_csv(tmp_path: Path) -> None:
    path = write(tmp_path, "size,town,kind", *rows_of())
    polars.read_csv(path).write_parquet(tmp_path / "toy.parquet")
    first, second = open_data(path, target="kind"), open_data(tmp_path / "toy.parquet", target="kind")
    assert first.fingerprint == second.fingerprint
    assert first.specification == second.specification


@pytest.mark.parametrize("separator", [";", "\t"])
def test_semicolons_and_tabs_separate_too(tmp_path: Path, separator: str) -> None:
    path = write(tmp_path, "size,town,kind".replace(",", separator), *(r.replace(",", separator) for r in rows_of()))
    assert open_data(path, target="kind").specification.input_shape == (3,)


def test_group_column_holds_rows_together_and_is_no_input(tmp_path: Path) -> None:
    path = write(tmp_path, "x,who,y", *(f"{i},p{i // 4},{i % 2}" for i in range(40)))
    data = open_data(path, target="y", group="who")
    assert data.specification.input_shape == (1,)
    homes = [
        {(int(name.split()[1]) - 1) // 4 for name in split.ids} for split in (data.train, data.validation, data.test)
    ]
    assert sum(len(home) for home in homes) == 10


def test_a_column_that_names_rows_is_left_out_with_a_note(tmp_path: Path) -> None:
    path = write(tmp_path, "name,x,y", *(f"person{i},{i},{i % 2}" for i in range(40)))
    data = open_data(path, target="y")
    assert data.specification.input_shape == (1,)
    (finding,) = [finding for finding in data.findings if finding.id == "column_ignored"]
    assert "'name' was left out: it has 40 different words in 40 rows" in finding.summary


def test_a_column_without_a_cell_is_suspect(tmp_path: Path) -> None:
    data = open_data(write(tmp_path, "x,gone,y", *(f"{i},,{i % 2}" for i in range(40))), target="y")
    (finding,) = [finding for finding in data.findings if finding.id == "column_ignored"]
    assert (finding.level, finding.summary) == ("suspect", "Column 'gone' was left out: it is empty.")
    assert finding.fix == "Find out where its values were lost, or remove the column."


def test_a_stray_word_among_numbers_is_named_by_row_column_and_value(tmp_path: Path) -> None:
    rows = rows_of()
    rows[6] = "abc,Ulm,yes"
    with pytest.raises(InputError, match=r"toy\.csv: row 7, column 'size': 'abc' is not a number"):
        open_data(write(tmp_path, "size,town,kind", *rows), target="kind")
    # --impute fills what is missing; it does not forgive mistakes.
    with pytest.raises(InputError, match=r"row 7, column 'size': 'abc'"):
        open_data(write(tmp_path, "size,town,kind", *rows), target="kind", impute=True)


@pytest.mark.parametrize("cell", ["", "NA", "nan", "null", "?", "inf", "-Infinity", "1e300"])
def test_missing_and_infinite_numbers_are_named_or_filled(tmp_path: Path, cell: str) -> None:
    rows = rows_of()
    rows[6] = f"{cell},Ulm,yes"
    path = write(tmp_path, "size,town,kind", *rows)
    with pytest.raises(InputError, match=r"column 'size' has 1 missing .* cells, the first in row 7 .*--impute"):
        open_data(path, target="kind")
    data = open_data(path, target="kind", impute=True)
    train = [int(name.split()[1]) for name in data.train.ids if name != "row 7"]
    encoder = data.specification.encoder
    assert isinstance(encoder, TableEncoder)
    assert encoder.columns[0].fill == sorted(row - 0.5 for row in train)[(len(train) - 1) // 2]
    finding = next(finding for finding in data.findings if finding.id == "missing_cells")
    assert finding.evidence["cells_per_column"] == {"size": 1}
    assert as_batch(encoder, path)[6, 0] == encoder.columns[0].fill


def test_missing_words_are_named_or_filled_by_the_commonest(tmp_path: Path) -> None:
    rows = rows_of()
    rows[6], rows[8] = "6.5,,yes", "8.5,n/a,no"
    path = write(tmp_path, "size,town,kind", *rows)
    with pytest.raises(InputError, match="column 'town' has 2 missing or infinite cells, the first in row 7"):
        open_data(path, target="kind")
    encoder = open_data(path, target="kind", impute=True).specification.encoder
    assert isinstance(encoder, TableEncoder)
    assert encoder.columns[1].fill == "Ulm"


def test_none_is_a_word_among_words(tmp_path: Path) -> None:
    path = write(tmp_path, "garage,y", *(f"{'None' if i % 3 else 'big'},{i % 2}" for i in range(40)))
    encoder = open_data(path, target="y").specification.encoder
    assert encoder == TableEncoder((Column("garage", categories=("None", "big")),))


def test_missing_targets_are_named_and_never_filled(tmp_path: Path) -> None:
    rows = rows_of()
    rows[6] = "6.5,Ulm,"
    with pytest.raises(InputError, match="column 'kind' has 1 missing or infinite cells, the first in row 7"):
        open_data(write(tmp_path, "size,town,kind", *rows), target="kind", impute=True)
    with pytest.raises(InputError, match="column 'y' has 1 missing or infinite cells, the first in row 1"):
        open_data(write(tmp_path, "x,y", "1,inf", *(f"{i},{i / 2}" for i in range(30))), target="y")


def test_target_not_given_or_not_there_lists_the_columns(tmp_path: Path) -> None:
    path = write(tmp_path, "size,town,kind", *rows_of())
    with pytest.raises(InputError, match="Give --target COLUMN; columns: size, town, kind"):
        open_data(path)
    with pytest.raises(InputError, match=r"--target 'kimd' is not a column \(did you mean 'kind'\?\); columns: size"):
        open_data(path, target="kimd")
    with pytest.raises(InputError, match="--group 'who' is not a column; columns: size"):
        open_data(path, target="kind", group="who")
    with pytest.raises(InputError, match="--target and --group are both 'kind'"):
        open_data(path, target="kind", group="kind")


def test_one_class_and_a_class_with_one_row_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="one class only"):
        open_data(write(tmp_path, "x,y", *(f"{i},a" for i in range(9))), target="y")
    with pytest.raises(InputError, match=r"class 'b' has a single example \(row 10\)"):
        open_data(write(tmp_path, "x,y", *(f"{i},a" for i in range(9)), "9,b"), target="y")


def test_tables_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="but no rows"):
        open_data(write(tmp_path, "x,y"), target="y")
    with pytest.raises(InputError, match=r"toy\.csv: row 2 has 3 cells, the header has 2; mend the row"):
        open_data(write(tmp_path, "x,y", "1,2", "1,2,3"), target="y")
    (tmp_path / "toy.csv").write_bytes(b"")
    with pytest.raises(InputError, match=r"toy\.csv: not a readable table"):
        open_data(tmp_path / "toy.csv", target="y")
    (tmp_path / "toy.csv").write_bytes("x,y\n1,é\n".encode("latin-1"))
    with pytest.raises(InputError, match=r"toy\.csv: not a readable table"):
        open_data(tmp_path / "toy.csv", target="y")
    (tmp_path / "toy.csv").write_bytes("x,é\n1,2\n".encode("latin-1"))
    with pytest.raises(InputError, match=r"toy\.csv: the header is not UTF-8 \(byte 0xe9 at position 2\)"):
        open_data(tmp_path / "toy.csv", target="x")
    for encoding in ("utf-16", "utf-16-le"):
        (tmp_path / "toy.csv").write_bytes("x,y\n1,2\n".encode(encoding))
        with pytest.raises(InputError, match=r"toy\.csv: is not UTF-8 but UTF-16"):
            open_data(tmp_path / "toy.csv", target="y")
    (tmp_path / "toy.parquet").write_bytes(b"PAR1")
    with pytest.raises(InputError, match=r"toy\.parquet: not a readable table"):
        open_data(tmp_path / "toy.parquet", target="y")
    with pytest.raises(InputError, match="two columns are called 'x'"):
        open_data(write(tmp_path, "x,x,y", "1,2,3"), target="y")


def test_spaces_around_names_and_empty_lines_at_the_end_do_not_count(tmp_path: Path) -> None:
    path = write(tmp_path, "x, y", *(f"{i}, {i % 2}" for i in range(40)), "", "")
    data = open_data(path, target="y")
    assert sum(len(split) for split in (data.train, data.validation, data.test)) == 40
    with pytest.raises(InputError, match="two columns are called 'x'"):
        open_data(write(tmp_path, "x, x,y", "1,2,3"), target="y")


def test_nothing_to_learn_from_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no input column besides the target \(there is no other column\)"):
        open_data(write(tmp_path, "y", "1", "2"), target="y")


def test_lists_in_parquet_are_refused_and_dates_name_rows(tmp_path: Path) -> None:
    frame = polars.DataFrame({"x": [[1]] * 40, "y": [0, 1] * 20})
    frame.write_parquet(tmp_path / "toy.parquet")
    with pytest.raises(InputError, match="column 'x' holds List"):
        open_data(tmp_path / "toy.parquet", target="y")
    days = [date(2020, 1, 1 + index % 31) if index < 31 else date(2020, 2, index - 30) for index in range(40)]
    polars.DataFrame({"day": days, "x": range(40), "y": [0, 1] * 20}).write_parquet(tmp_path / "toy.parquet")
    data = open_data(tmp_path / "toy.parquet", target="y")
    assert "column_ignored" in {finding.id for finding in data.findings}


def test_more_categories_than_memory_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "word,y", *(f"w{i % 20},{i % 2}" for i in range(60)))
    with pytest.raises(InputError, match="column 'word' alone has 20 categories"):
        open_data(path, target="y", memory_limit_bytes=1000)


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_durations_are_seconds(tmp_path: Path, unit: Literal["ms", "us", "ns"]) -> None:
    lasted = [timedelta(milliseconds=1500 * index) for index in range(40)]
    frame = polars.DataFrame({"lasted": polars.Series(lasted, dtype=polars.Duration(unit)), "y": [0, 1] * 20})
    frame.write_parquet(tmp_path / "toy.parquet")
    data = open_data(tmp_path / "toy.parquet", target="y")
    rows = [int(name.split()[1]) - 1 for name in data.train.ids]
    assert data.train.gather(torch.arange(3)).flatten().tolist() == [1.5 * row for row in rows[:3]]


def test_dates_taken_as_words_are_a_note(tmp_path: Path) -> None:
    rows = [f"2020-01-{1 + index % 9:02},word {index % 3},{index % 2}" for index in range(40)]
    data = open_data(write(tmp_path, "day,word,y", *rows), target="y")
    (found,) = (finding for finding in data.findings if finding.id == "dates_as_words")
    assert (found.level, found.evidence) == ("note", {"column": "day", "count": 9})
    assert "'day' holds dates; they are taken as 9 different words" in found.summary


def test_an_empty_cell_is_called_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"the first in row 1 \(an empty cell\); mend"):
        open_data(write(tmp_path, "x,y", ",1", *(f"{i},{i % 2}" for i in range(9))), target="y")
    with pytest.raises(InputError, match=r"column 'y' has 1 .*, the first in row 1 \(an empty cell\); every row"):
        open_data(write(tmp_path, "x,y", "1,", *(f"{i},{i % 2}" for i in range(9))), target="y")


def test_skip_bad_means_nothing_to_a_table(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"toy\.csv: a table has no use for --skip-bad; leave it out"):
        open_data(write(tmp_path, "size,town,kind", *rows_of()), target="kind", skip_bad=True)
