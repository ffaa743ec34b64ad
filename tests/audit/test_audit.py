"""The table of an audit: a row an example, groups of equals, conditions, and what it refuses."""

import random
from pathlib import Path

import polars as pl
import pytest
import torch
from torch import Tensor

from assay.audit.audit import refuse_condition
from assay.audit.inspect import inspect
from assay.data.data import Data
from assay.errors import InputError


def test_the_table_has_a_row_for_each_example_in_the_order_of_the_splits(images: Data) -> None:
    table = inspect(images).table
    splits = (images.train, images.validation, images.test)
    assert table["id"].to_list() == [name for split in splits for name in split.ids]
    assert table["split"].unique(maintain_order=True).to_list() == ["train", "validation", "test"]
    inputs = torch.cat([split.inputs for split in splits if isinstance(split.inputs, Tensor)]).double()
    for column, expected in (
        ("brightness", inputs.flatten(1).mean(1)),
        ("contrast", inputs.flatten(1).std(1, correction=0)),
        ("low", inputs.flatten(1).amin(1)),
    ):
        assert torch.allclose(torch.from_numpy(table[column].to_numpy().copy()), expected)
    assert table["label"].to_list()[:5] == ["class 0", "class 1", "class 2", "class 3", "class 0"]


def test_equal_examples_share_a_group_and_others_have_none(images: Data) -> None:
    assert isinstance(images.train.inputs, Tensor)
    images.train.inputs[7] = images.train.inputs[3]
    table = inspect(images).table
    grouped = table.filter(pl.col("duplicate_group").is_not_null())
    assert grouped["id"].to_list() == ["train-3", "train-7"]
    assert grouped["duplicate_group"].n_unique() == 1


def test_a_table_of_numbers_has_no_columns_of_images(table: Data) -> None:
    columns = inspect(table).table.columns
    assert "mean" in columns
    assert not {"brightness", "contrast", "sharpness"} & set(columns)


def test_rows_are_chosen_by_a_condition(images: Data) -> None:
    audit = inspect(images)
    chosen = audit.where("split = 'test' AND label = 'class 1' AND brightness > 100")
    assert len(chosen) > 0
    assert set(chosen["split"]) == {"test"}
    assert set(chosen["label"]) == {"class 1"}
    assert len(audit.where("split = 'test'")) == len(images.test)


@pytest.mark.parametrize("condition", ["colour = 'red'", "brightness >", "", "brightness", "sum(brightness) > 3"])
def test_a_condition_that_cannot_be_asked_names_the_columns(images: Data, condition: str) -> None:
    with pytest.raises(InputError, match=r"where must be a condition in SQL on id, split, label, .*sharpness"):
        inspect(images).where(condition)


READING = "id IN (SELECT a FROM read_csv('/nonexistent'))"


@pytest.mark.parametrize(
    "condition", [READING, READING.lower(), "id IN (ſelect a from scan_csv('x'))", "id = E'\\'' OR " + READING,
                  "id = 'x' -- y", "id = $$x$$", "id = read_csv('x')"],
)  # fmt: skip
def test_a_condition_reads_no_file(images: Data, condition: str) -> None:
    with pytest.raises(InputError, match="where must be a condition in SQL"):
        inspect(images).where(condition)


def test_what_would_read_a_file_is_refused_however_quotes_and_comments_hide_it() -> None:
    pieces = ["'", '"', "`", "$$", "--", "/*", "*/", "\n", "E'", "r'", "\\", "'' ", f" {READING}", " OR ", "id = 'x'"]
    table, drawing, reached = pl.DataFrame({"id": ["x"]}), random.Random(0), 0
    for _ in range(5000):
        condition = "".join(drawing.choice(pieces) for _ in range(drawing.randint(1, 8)))
        try:
            table.select(pl.sql_expr(condition))
        except FileNotFoundError:
            reached += 1
            assert refuse_condition(condition), condition
        except pl.exceptions.PolarsError:
            pass
    assert reached > 20


@pytest.mark.parametrize("condition", ["id = 'it''s select'", '"from" = 1', "withdraw = 1 AND read_ms > 2", "id = ''"])
def test_words_in_quotes_and_names_alike_are_no_reason(condition: str) -> None:
    assert refuse_condition(condition) == ""


def test_the_table_is_saved_whole(images: Data, tmp_path: Path) -> None:
    audit = inspect(images)
    audit.save(tmp_path / "audit.parquet")
    assert pl.read_parquet(tmp_path / "audit.parquet").equals(audit.table)
    assert [path.name for path in tmp_path.iterdir()] == ["audit.parquet"]


def test_an_audit_answers_as_its_report_does(images: Data) -> None:
    audit = inspect(images)
    assert audit.ok
    assert (audit.findings, audit.skipped, audit.alerts) == (audit.report.findings, audit.report.skipped, ())
    audit.raise_if_alert()


def test_a_class_without_a_name_is_called_by_its_whole_number(table: Data) -> None:
    table.train.targets[:2] = torch.tensor([123456, 123457])
    assert inspect(table).table["label"].to_list()[:2] == ["123456", "123457"]


def test_a_condition_of_thousands_of_parts_is_refused_at_once(images: Data) -> None:
    with pytest.raises(
        InputError, match="it joins more than 200 conditions by AND and OR; write many values as label IN"
    ):
        inspect(images).where(" OR ".join(["split = 'test'"] * 5000))
    assert len(inspect(images).where("split = 'OR OR OR'")) == 0
