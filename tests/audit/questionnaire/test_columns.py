"""Tables of which it is known what matters."""

from __future__ import annotations

import pytest
import torch

from assay.audit.questionnaire.ask import ask
from assay.audit.questionnaire.columns import column_spans
from assay.data.data import Data
from assay.data.encoders import TableEncoder
from assay.data.reading.column import Column
from assay.finding import Finding, Report

SIZES = (400, 300, 4)


@pytest.fixture
def columns() -> torch.Tensor:
    print("seed 410")
    return torch.randn(sum(SIZES), 5, generator=torch.Generator().manual_seed(410))


def asked(data: Data) -> tuple[Report, dict[str, Finding]]:
    report = ask(data, budget_seconds=60, seed=410)
    return report, {finding.id: finding for finding in report.findings}


def test_two_columns_on_a_line(make_data, columns: torch.Tensor) -> None:
    _, found = asked(make_data(columns, (columns[:, 0] + columns[:, 2] > 0).long(), sizes=SIZES))
    assert set(found["columns"].evidence["matter"]) == {"column 1", "column 3"}
    assert found["line"].evidence["outcome"] == "kept"
    assert found["label_noise"].evidence["clear_share"] < 0.05


def test_two_columns_together(make_data, columns: torch.Tensor) -> None:
    """The sign of a product: neither column alone, and no line, tells anything."""
    _, found = asked(make_data(columns, (columns[:, 0] * columns[:, 4] > 0).long(), sizes=SIZES))
    assert set(found["columns"].evidence["matter"]) == {"column 1", "column 5"}
    assert found["line"].evidence["outcome"] == "lost"


def test_a_regression(make_data, columns: torch.Tensor) -> None:
    targets = 3 * columns[:, 1] + 0.1 * columns[:, 2]
    _, found = asked(make_data(columns, targets, sizes=SIZES))
    assert found["columns"].evidence["matter"][0] == "column 2"
    assert "label_noise" not in found


def test_columns_of_chance_are_not_asked(make_data, columns: torch.Tensor) -> None:
    report, found = asked(make_data(columns, torch.arange(sum(SIZES)) % 2, sizes=SIZES))
    assert found == {}
    assert "not surely more than guessing" in report.skipped[0].reason


def test_values_that_are_not_finite_are_refused(make_data, columns: torch.Tensor) -> None:
    columns[3, 0] = torch.nan
    report, _ = asked(make_data(columns, torch.arange(sum(SIZES)) % 2, sizes=SIZES))
    assert "--impute" in report.skipped[0].reason


def test_indicators_of_a_category_are_one_column(make_data, columns: torch.Tensor) -> None:
    encoder = TableEncoder((Column("age"), Column("colour", categories=("red", "green", "blue")), Column("weight")))
    data = make_data(columns, torch.arange(sum(SIZES)) % 2, sizes=SIZES, encoder=encoder)
    assert column_spans(data) == [("age", 0, 1), ("colour", 1, 4), ("weight", 4, 5)]


def test_too_few_examples_are_refused(make_data, columns: torch.Tensor) -> None:
    report, _ = asked(make_data(columns[:20], torch.arange(20) % 2, sizes=(10, 8, 2)))
    assert "needs 20 examples" in report.skipped[0].reason


def test_refuses_no_budget(make_data, columns: torch.Tensor) -> None:
    with pytest.raises(ValueError, match="budget_seconds must be above 0, got 0"):
        ask(make_data(columns, torch.arange(sum(SIZES)) % 2, sizes=SIZES), budget_seconds=0)


def test_many_classes_of_a_few_examples_each_are_not_asked_about(make_data, columns: torch.Tensor) -> None:
    report, found = asked(make_data(columns, torch.arange(len(columns)) % 150, sizes=SIZES))
    assert not found
    assert "400 training examples of 150 classes are fewer than 5 of each" in report.skipped[0].reason
