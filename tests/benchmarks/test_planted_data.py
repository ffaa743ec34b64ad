"""The bench of planted audits: each fault is put in, the clean sibling stays as it was, and both can be read."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks" / "inspect"))

from bench_planted import audit, summarise
from planted_fault import Fault, draw_clean
from planted_faults import FAULTS
from planted_in_rows import FAULTS as OF_ROWS
from planted_sets import Arrays, Table

from assay.data.open import open_data

SEED = 404


def contents(drawn: Arrays | Table) -> list[bytes]:
    columns = drawn.columns if isinstance(drawn, Table) else {"inputs": drawn.inputs, "labels": drawn.labels}
    return [repr(values.tolist()).encode() for values in columns.values()]


def test_names_are_unique_and_each_fault_has_a_right_answer() -> None:
    names = [fault.name for fault in FAULTS]
    assert len(set(names)) == len(names)
    assert all(fault.right or fault.refused for fault in FAULTS)


@pytest.mark.parametrize("fault", OF_ROWS, ids=lambda fault: fault.name)
def test_a_fault_changes_its_data_and_leaves_the_clean_as_it_was(fault: Fault) -> None:
    print("seed", SEED)
    chance = np.random.default_rng(SEED)
    clean = draw_clean(fault, chance)
    before = contents(clean)
    sick = fault.plant(clean, chance)
    assert contents(clean) == before
    assert contents(sick) != before


@pytest.mark.parametrize("name", ["patients", "shift_louder", "dead_feature"])
def test_what_was_drawn_is_read_as_it_was_written(name: str, tmp_path: Path) -> None:
    fault = next(fault for fault in FAULTS if fault.name == name)
    drawn = draw_clean(fault, np.random.default_rng(SEED))
    source, options = drawn.write(tmp_path)
    data = open_data(source, **options)
    assert len(data.train) + len(data.validation) + len(data.test) == len(drawn)
    if drawn.parts is not None:
        assert len(data.test) == drawn.parts.count("test")


def test_pictures_are_written_to_class_folders(tmp_path: Path) -> None:
    chance = np.random.default_rng(SEED)
    inputs = chance.integers(0, 256, (60, 8, 8, 1)).astype(np.uint8)
    names = tuple(f"{row:03d}" for row in range(60))
    parts = ("train",) * 40 + ("test",) * 20
    drawn = Arrays("pictures", inputs, np.arange(60) % 2, parts, True, names, (".png",) * 60, ((8, 8),) * 60)
    source, options = drawn.take(np.arange(59)).added(inputs[:1], np.array([0]), "test").write(tmp_path)
    data = open_data(source, **options)
    assert "val" not in {path.name for path in tmp_path.iterdir()}
    assert len(data.test) == 20
    assert data.test.ids[-1] == "test/class-1/058.png" or "test/class-0/00059.png" in data.test.ids


def test_an_audit_tells_alerts_or_the_refusal() -> None:
    table = Table(
        {"a": np.arange(60.0), "b": np.array(["x"] * 59 + ["oops"], dtype=object), "y": np.array(["p", "q"] * 30)}, "y"
    )
    alerts, refusal, _ = audit(table)
    assert refusal == ""
    assert "constant" not in alerts
    _, refusal, _ = audit(table.with_column("a", np.array(["oops", *map(str, range(59))], dtype=object)))
    assert "row 1" in refusal


def test_shares_have_their_n_and_misses_their_names() -> None:
    row = {"fault": "leak", "kind": "table", "n": 9, "right": ("a",), "alerts": {}, "clean_alerts": {}, "refusal": "",
           "clean_refusal": "", "by_refusal": False, "seconds": 1.0, "clean_seconds": 2.0}  # fmt: skip
    figures = summarise([{**row, "found": True}, {**row, "found": False, "clean_alerts": {"drift": "..."}}])
    assert figures["recall"]["interval"] == pytest.approx((0.0945, 0.9055), abs=1e-3)
    assert figures["missed"] == {"leak": 1}
    assert figures["clean_with_an_alert"]["hits"] == 1
    assert figures["largest_seconds"] == 2.0
