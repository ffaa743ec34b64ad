"""Readings that follow one another in the source: found where they hang together, silent where they do not."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from assay.audit.counts import splits_of
from assay.audit.dependence.order import find_order_dependence
from assay.audit.dependence.ranked import rank_examples
from assay.audit.inspect import inspect
from assay.audit.scan import scan
from assay.data.data import Data
from assay.finding import Finding

SIZES = (360, 120, 120)


def by_lot(make_data, inputs: np.ndarray, targets: np.ndarray, seed: int = 0, *, blocks: bool = False) -> Data:
    """Rows of one source, divided by lot, or one part after the other."""
    order = np.arange(len(inputs)) if blocks else np.random.default_rng(seed).permutation(len(inputs))
    data = make_data(torch.from_numpy(inputs[order]).float(), torch.from_numpy(targets[order]), sizes=SIZES)
    rows = iter(order.tolist())
    splits = {name: replace(split, ids=tuple(f"row {next(rows) + 1}" for _ in range(len(split))))
              for name, split in splits_of(data).items()}  # fmt: skip
    return replace(data, **splits)


def told(data: Data) -> list[Finding]:
    ranked = rank_examples(data, {name: scan(split) for name, split in splits_of(data).items()})
    assert ranked is not None
    return find_order_dependence(ranked)


def walk(draw: np.random.Generator, n: int, width: int, memory: float) -> np.ndarray:
    values = draw.standard_normal((n, width))
    for row in range(1, n):
        values[row] = memory * values[row - 1] + np.sqrt(1 - memory**2) * values[row]
    return values


def test_readings_that_follow_one_another_are_suspect(make_data) -> None:
    draw = np.random.default_rng(415)
    data = by_lot(make_data, walk(draw, 600, 4, 0.9), draw.integers(0, 3, 600))
    (finding,) = told(data)
    assert (finding.id, finding.level) == ("order_dependence", "suspect")
    # Ranks of normal values that correlate by .9 correlate by 6/pi arcsin(.45).
    assert finding.evidence["correlations"]["column 2"] == pytest.approx(0.89, abs=0.06)
    assert finding.evidence["n"] == 599
    assert "neighbours, 5" in finding.summary or "neighbours, 6" in finding.summary


def test_whole_blocks_in_each_split_are_a_note(make_data) -> None:
    draw = np.random.default_rng(416)
    (finding,) = told(by_lot(make_data, walk(draw, 600, 4, 0.9), draw.integers(0, 3, 600), blocks=True))
    assert finding.level == "note"
    assert finding.fix.startswith("Nothing, if each split holds whole blocks")


def test_a_little_likeness_is_a_note(make_data) -> None:
    draw = np.random.default_rng(417)
    (finding,) = told(by_lot(make_data, walk(draw, 600, 4, 0.3), draw.integers(0, 3, 600)))
    assert finding.level == "note"


def test_of_two_columns_one_is_strong_and_the_other_sure(make_data) -> None:
    draw = np.random.default_rng(416)
    strong, weak, none = walk(draw, 600, 1, 0.9), walk(draw, 600, 1, 0.4), draw.standard_normal((600, 1))
    targets = draw.integers(0, 3, 600)
    levels = [told(by_lot(make_data, np.hstack([strong, other]), targets))[0].level for other in (weak, none)]
    assert levels == ["suspect", "note"]


def test_rows_in_order_of_class_are_independent(make_data) -> None:
    draw = np.random.default_rng(418)
    targets = np.sort(draw.integers(0, 4, 600))
    inputs = draw.standard_normal((600, 5)) * (1 + targets[:, None]) + 3 * targets[:, None]
    assert told(by_lot(make_data, inputs, targets)) == []


def test_a_column_that_counts_and_one_that_rows_were_sorted_by_are_no_likeness(make_data) -> None:
    draw = np.random.default_rng(419)
    inputs = draw.standard_normal((600, 4))
    inputs = inputs[np.argsort(inputs[:, 1])]
    inputs[:, 0] = np.arange(600)
    assert told(by_lot(make_data, inputs, draw.integers(0, 3, 600))) == []


def test_rows_in_order_of_a_number_to_predict_are_no_likeness(make_data) -> None:
    draw = np.random.default_rng(420)
    targets = np.sort(draw.standard_normal(600))
    inputs = targets[:, None] + 0.3 * draw.standard_normal((600, 4))
    assert told(by_lot(make_data, inputs, targets.astype(np.float32))) == []


def test_independent_rows_are_quiet_however_many_columns(make_data) -> None:
    print("seeds 421 to 460")
    for seed in range(421, 461):
        draw = np.random.default_rng(seed)
        inputs = np.exp(2 * draw.standard_normal((600, 50)))
        assert told(by_lot(make_data, inputs, draw.integers(0, 5, 600), seed)) == []


def test_few_neighbours_are_not_asked(make_data, make_table) -> None:
    draw = np.random.default_rng(415)
    data = by_lot(make_data, walk(draw, 600, 4, 0.9), draw.integers(0, 3, 600))
    named = {name: replace(split, ids=tuple(f"row {name} {chr(97 + row % 26)}" for row in range(len(split))))
             for name, split in splits_of(data).items()}  # fmt: skip
    assert told(replace(data, **named)) == []


def test_an_inspection_tells_it(make_data) -> None:
    draw = np.random.default_rng(415)
    data = by_lot(make_data, walk(draw, 600, 4, 0.9), draw.integers(0, 3, 600))
    assert {alert.id for alert in inspect(data).alerts} == {"order_dependence"}
