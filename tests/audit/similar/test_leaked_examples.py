"""The test score without examples that are also in training, from the audit's table and the answers."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from assay.audit.similar.leaked_examples import leaked_ids, tell_leaked

IDS = [f"test-{i}" for i in range(10)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """test-0 equals a training example, test-1 is nearly equal to one, test-2 only to one of validation."""
    table = pl.DataFrame(
        {
            "id": ["train-0", "train-1", "val-0", *IDS],
            "split": ["train", "train", "validation", *["test"] * 10],
            "duplicate_group": [1, None, None, 1, *[None] * 9],
            "near_group": [1, 2, 3, 1, 2, 3, *[None] * 7],
        },
        schema_overrides={"duplicate_group": pl.Int64, "near_group": pl.Int64},
    )
    table.write_parquet(tmp_path / "audit.parquet")
    return tmp_path / "audit.parquet"


def test_who_is_in_a_group_with_training_leaked(path: Path) -> None:
    table = pl.read_parquet(path)
    assert leaked_ids(table) == {"test-0", "test-1"}
    assert leaked_ids(table, other="validation") == {"test-2"}
    assert leaked_ids(table.drop("near_group")) == {"test-0"}


def test_both_scores_are_told_by_hand(path: Path) -> None:
    found = tell_leaked(path, IDS, np.array([True, True, *[True] * 4, *[False] * 4]))
    assert found is not None
    assert (found.level, found.evidence["leaked"], found.evidence["n"]) == ("note", 2, 10)
    assert found.evidence["accuracy"] == pytest.approx(0.6)
    assert found.evidence["accuracy_without_leaked"] == pytest.approx(0.5)
    assert found.evidence["change"] == pytest.approx(-0.1)
    assert "without them the accuracy is 50.00%, with them 60.00% (change -10.00 points [" in found.summary


def test_without_a_leak_or_a_table_nothing_is_told(path: Path) -> None:
    correct = np.ones(10, dtype=bool)
    assert tell_leaked(path.with_name("none.parquet"), IDS, correct) is None
    assert tell_leaked(path, [f"other-{i}" for i in range(10)], correct) is None
