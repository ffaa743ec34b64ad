"""What an inspection says of signals, healthy ones and such with planted faults."""

from __future__ import annotations

import pytest
import torch

from assay.audit.audit import Audit
from assay.audit.inspect import inspect
from assay.data.data import Data
from assay.data.encoders import TableEncoder
from assay.data.reading.column import Column
from assay.finding import Finding

IDS = ("clipped_signals", "dead_channels", "offset_signals", "loud_signals", "faint_signals")
SIZES = (120, 40, 40)


@pytest.fixture
def signals(make_data) -> Data:
    """Two channels of 64 values: waves of one strength and noise."""
    generator = torch.Generator().manual_seed(406)
    phase = 6.3 * torch.rand(200, 2, 1, 1, generator=generator)
    waves = (6.2832 * 3 * torch.arange(64) / 64 + phase).sin()
    return make_data(waves + 0.1 * torch.randn(200, 2, 1, 64, generator=generator), torch.arange(200) % 4)


def found(audit: Audit) -> dict[str, Finding]:
    return {finding.id: finding for finding in audit.findings if finding.id in IDS}


def held(data: Data) -> torch.Tensor:
    assert isinstance(data.train.inputs, torch.Tensor)
    return data.train.inputs


def test_healthy_signals_have_no_faults(signals: Data) -> None:
    audit = inspect(signals)
    assert found(audit) == {}
    assert not [finding for finding in audit.findings if "images" in finding.id]


@pytest.mark.parametrize(
    ("name", "level", "change"),
    [
        ("clipped_signals", "note", lambda signal: signal.clamp(-0.5, 0.5)),
        ("dead_channels", "suspect", lambda signal: signal * torch.tensor([1.0, 0.0]).view(2, 1, 1)),
        ("offset_signals", "note", lambda signal: signal + 20),
        ("loud_signals", "note", lambda signal: 30 * signal),
        ("faint_signals", "note", lambda signal: signal / 30),
    ],
)
def test_a_planted_fault_is_told_with_its_place(signals: Data, name: str, level: str, change) -> None:
    held(signals)[17] = change(held(signals)[17])
    told = found(inspect(signals))[name]
    assert (told.level, told.evidence["ids"][0], told.evidence["count"]) == (level, "train-17", 1)


def test_channels_that_are_often_silent_are_only_noted(signals: Data) -> None:
    held(signals)[:60, 1] = 0.0
    assert found(inspect(signals))["dead_channels"].level == "note"


def test_rare_events_may_be_absent(make_data) -> None:
    generator = torch.Generator().manual_seed(414)
    events = torch.rand(200, 2, 1, 64, generator=generator) * (torch.rand(200, 2, 1, 64, generator=generator) < 0.1)
    events[5, 1] = 0.0
    assert found(inspect(make_data(events, torch.arange(200) % 4)))["dead_channels"].level == "note"


def test_the_table_of_signals_has_their_columns(signals: Data) -> None:
    held(signals)[17, 1] = 0.0
    table = inspect(signals).table
    assert {"mean", "deviation", "clipped", "dead_channels"} <= set(table.columns)
    assert "brightness" not in table.columns
    assert table.filter(table["id"] == "train-17")["dead_channels"].to_list() == [1]


def test_rows_of_an_array_may_be_signals(make_data) -> None:
    generator = torch.Generator().manual_seed(407)
    rows = torch.randn(sum(SIZES), 32, generator=generator)
    rows[3] = 1.5
    assert found(inspect(make_data(rows, torch.arange(sum(SIZES)) % 2)))["dead_channels"].evidence["ids"] == ["train-3"]


def test_rows_of_a_table_are_no_signals(make_data) -> None:
    rows = torch.randn(sum(SIZES), 32, generator=torch.Generator().manual_seed(408))
    rows[3] = 1.5
    encoder = TableEncoder(tuple(Column(f"column {number}") for number in range(32)))
    audit = inspect(make_data(rows, torch.arange(sum(SIZES)) % 2, encoder=encoder))
    assert found(audit) == {}
    assert "clipped" not in audit.table.columns


def test_signals_are_called_so_in_every_finding(signals: Data) -> None:
    held(signals)[4], held(signals)[9] = held(signals)[5].clone(), 0.0
    audit = inspect(signals)
    titles = [getattr(figure, "title", "") for finding in audit.findings for figure in finding.figures]
    told = [*(finding.summary for finding in audit.findings), *titles, *(skip.reason for skip in audit.report.skipped)]
    assert "Equal signals with different labels" in titles
    assert "near duplicates are looked for among pictures; these are signals" in told
    assert any("of 200 signals have one value in every place" in one for one in told)
    assert not [one for one in told if "image" in one]
