"""`assay questions SOURCE`: answers as text, JSON and a page; what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from cli_support import Assay


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A table of four numbers of which the first one is the class, in 200 rows."""
    random = np.random.default_rng(415)
    inputs = random.normal(size=(200, 4)).astype(np.float32)
    path = tmp_path / "rows.npz"
    np.savez(path, inputs=inputs, targets=(inputs[:, 0] > 0).astype(int))
    return path


def test_answers_as_json(assay: Assay, source: Path) -> None:
    told = assay("questions", str(source), "--budget", "30s", "--json")
    assert told.code == 0
    findings = {finding["id"]: finding for finding in json.loads(told.out)["findings"]}
    assert findings["columns"]["evidence"]["matter"] == ["column 1"]
    assert {"line", "label_noise"} <= set(findings)


def test_answers_as_a_page(assay: Assay, source: Path, tmp_path: Path) -> None:
    page = tmp_path / "answers.html"
    told = assay("questions", str(source), "--budget", "30s", "--page", str(page))
    assert told.code == 0
    assert "1 of 4 columns surely matter" in told.out
    assert "What shuffling each column costs a forest" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nowhere.npz",), "no such file or folder"),
        (("digits", "--budget", "soon"), "is not a time"),
        (("digits", "--page", "nowhere/page.html"), "there is no folder"),
    ],
)
def test_wrong_input_is_one_line(assay: Assay, arguments: tuple[str, ...], message: str) -> None:
    told = assay("questions", *arguments)
    assert (told.code, told.out) == (2, "")
    assert message in told.err
    assert told.err.count("\n") == 1
