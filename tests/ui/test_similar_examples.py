"""What looks alike: a random part within the time, empty splits, and a failure that is told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from page_support import make_pictures, make_workspace
from starlette.testclient import TestClient

from assay.ui import similar as similar_module
from assay.ui.app import make_app
from assay.ui.example_rows import list_examples
from assay.ui.similar import Similar, describe
from assay.ui.subject import Subject


def subject_of(n: int = 60, *, floats: bool = False, without_test: bool = False) -> Subject:
    data = make_pictures(n)
    if floats:
        parts = {name: getattr(data, name) for name in ("train", "validation", "test")}
        data = replace(data, **{name: replace(part, inputs=part.inputs.float()) for name, part in parts.items()})
    if without_test:
        data = replace(data, test=data.test.select(torch.empty(0, dtype=torch.int64)))
    return Subject(data, list_examples(data))


def test_each_row_is_described_where_its_split_has_it() -> None:
    data = make_pictures(2000)
    assert isinstance(data.test.inputs, torch.Tensor)
    assert isinstance(data.train.inputs, torch.Tensor)
    data.test.inputs[5] = data.train.inputs[7]
    subject = Subject(data, list_examples(data))
    similar = Similar(subject)
    similar.make()
    assert sorted(similar.rows.tolist()) == list(range(2000))
    (found,) = similar.nearest(7, 1)
    assert found[0] == len(data.train) + len(data.validation) + 5
    assert found[1] > 0.999


def test_what_the_time_allows_is_drawn_from_all_splits() -> None:
    rows, _ = describe(subject_of(6000), 0.0)
    again, _ = describe(subject_of(6000), 0.0)
    assert rows.tolist() == again.tolist(), "the same draw each time"
    assert len(rows) <= similar_module.CHUNK
    assert rows.tolist() != list(range(len(rows))), "not the first ones"


def test_an_empty_split_of_float_images_is_passed_over() -> None:
    similar = Similar(subject_of(floats=True, without_test=True))
    similar.make()
    assert similar.state == "ready"
    assert len(similar.rows) == 50


def test_a_failure_is_told_and_ends_the_waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("no room")

    monkeypatch.setattr(similar_module, "describe", fail)
    workspace = make_workspace(tmp_path)
    assert workspace.similar is not None
    workspace.similar.make()
    assert workspace.similar.state == "failed"
    text = TestClient(make_app(workspace), base_url="http://localhost").get("/browse/similar/0").text
    assert "could not be told: RuntimeError: no room" in text
    assert "hx-get" not in text
