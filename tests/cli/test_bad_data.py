"""Data that a training would refuse: commands that only look tell of it and go on, a corrected copy is not made."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from cli_support import Assay


@pytest.fixture
def torn() -> Path:
    """300 rows, with a cell that is missing, one that is a word among numbers, and a row without its target."""
    chance = random.Random(415)
    rows = [f"{chance.gauss(i % 2, 1):.3f},{chance.gauss(0, 1):.3f},{('near', 'far')[i % 2]}" for i in range(300)]
    rows[5], rows[7], rows[9] = ",0.1,near", "oops,0.2,far", "1.0,0.3,"
    path = Path("torn.csv")
    path.write_text("\n".join(["distance,height,kind", *rows]) + "\n")
    return path


@pytest.mark.parametrize("command", [("clean", "--folds", "2"), ("learning-curve",), ("questions",)])
def test_a_bad_cell_is_told_and_stops_nothing(
    assay: Assay, torn: Path, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assay.audit.learning_curve.plan.FEWEST_STEPS", 4)
    monkeypatch.setattr("assay.stages.learning_curve.MOST_SEEDS", 3)
    told = assay(command[0], torn, "--target", "kind", "--budget", "15s", "--json", *command[1:])
    assert told.code == 0, told.err
    findings = [finding["id"] for finding in json.loads(told.out)["findings"]]
    assert {"missing_cells", "mixed_types", "rows_without_target"} <= set(findings)
    assert len(findings) > 3


def test_people_are_told_of_it_before_they_are_asked(assay: Assay, torn: Path) -> None:
    told = assay("human", torn, "--target", "kind", "--questions", 3)
    text = " ".join(told.err.split())
    assert "The examples are asked about as they were read: 1 of 300 rows have no usable target" in text
    assert text.index("as they were read") < text.index("Question 1 of 3")


def test_a_corrected_copy_of_it_is_refused_with_what_to_do(assay: Assay, torn: Path) -> None:
    Path("decisions.jsonl").write_text("")
    told = assay("clean", torn, "--target", "kind", "--apply", "decisions.jsonl", "--out", "copy")
    assert (told.code, told.out) == (2, "")
    assert "row 8, column 'distance': 'oops' is not a number" in told.err
    assert not Path("copy").exists()
