"""Rows of a coarse table that chance makes equal are no leak: the test score is not told without them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from assay.audit.inspect import inspect
from assay.audit.similar.leaked_examples import leaked_ids, tell_leaked
from assay.data.data import Data


def coarse(make_data, seed: int) -> Data:
    """Three columns of three values: 27 different rows at most, a thousand of them."""
    print("seed", seed)
    drawn = torch.Generator().manual_seed(seed)
    inputs = torch.randint(0, 3, (1000, 3), generator=drawn).float()
    return make_data(inputs, torch.randint(0, 2, (1000,), generator=drawn), sizes=(700, 100, 200))


def test_what_chance_explains_has_not_leaked(make_data, tmp_path: Path) -> None:
    for seed in (520, 521, 522):
        data = coarse(make_data, seed)
        audit = inspect(data, budget_seconds=20)
        (told,) = (finding for finding in audit.findings if finding.id == "train_test_duplicates")
        assert told.level == "note"
        assert leaked_ids(audit.table) == set()
        audit.table.write_parquet(tmp_path / "audit.parquet")
        correct = np.arange(len(data.test)) % 3 > 0
        assert tell_leaked(tmp_path / "audit.parquet", data.test.ids, correct) is None


def test_rows_that_chance_does_not_explain_have(make_data) -> None:
    inputs = torch.randn(300, 3, generator=torch.Generator().manual_seed(523))
    inputs[250:] = inputs[:50]
    audit = inspect(make_data(inputs, torch.arange(300) % 2, sizes=(240, 20, 40)), budget_seconds=20)
    (told,) = (finding for finding in audit.findings if finding.id == "train_test_duplicates")
    assert told.level == "proved"
    assert "equal_by_chance" not in audit.table.columns
    assert len(leaked_ids(audit.table)) == told.evidence["count"]
