"""Examples without labels, sorted by the judges of a cleaning."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
import torch
from PIL import Image

from assay.audit.cleaning import ADDITIONS, clean
from assay.audit.cleaning import judging as judging_module
from assay.audit.cleaning.networks import Plan
from assay.audit.cleaning.unlabelled import Unlabelled, read_unlabelled, twins_of
from assay.data.data import Data
from assay.data.encoders import ImageEncoder
from assay.errors import InputError


@pytest.fixture(autouse=True)
def plan(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging_module, "_make_plan", lambda *_: Plan(2, 0.0, {}))


def test_a_copy_is_dropped_and_what_is_clear_gets_its_label(digits: tuple[Data, np.ndarray], tmp_path: Path):
    data, _ = digits
    held = data.test
    labelled = clean(
        type(data)(data.name, data.specification, data.train, data.validation, held.select(torch.arange(10)))
    )
    inputs = torch.cat([held.gather(torch.arange(10, 50)), data.train.gather(torch.tensor([3]))])
    truth = [data.specification.classes[label] for label in held.targets[10:].tolist()]
    unlabelled = Unlabelled(inputs, tuple(f"new {number}" for number in range(41)))
    found = labelled.with_additions(unlabelled, folder=tmp_path)
    table = pl.read_csv(tmp_path / ADDITIONS)
    rows = {row["id"]: row for row in table.to_dicts()}
    assert len(rows) == 41
    assert rows["new 40"]["action"] == "drop"
    assert rows["new 40"]["twin"] == data.train.ids[3]
    assert all(row["twin"] is None for row in rows.values() if row["action"] != "drop")
    right = [rows[f"new {number}"]["answer"] == int(truth[number]) for number in range(40)]
    assert np.mean(right) > 0.9
    named = [number for number in range(40) if rows[f"new {number}"]["action"] == "label"]
    assert all(rows[f"new {number}"]["proposal"] == int(truth[number]) for number in named)
    (finding,) = [one for one in found.findings if one.id == "additions"]
    assert finding.evidence["drop"] == 1
    assert finding.evidence["n"] == 41


def test_repeats_are_of_labelled_and_of_earlier_ones():
    assert twins_of(np.array([0, 1, 2, 1, 3, 3]), 3).tolist() == [1, -1, 4]


def test_a_folder_is_read_as_the_labelled_images_were(digits: tuple[Data, np.ndarray], tmp_path: Path):
    data, _ = digits
    (tmp_path / "deep").mkdir()
    pixels = np.arange(64, dtype=np.uint8).reshape(8, 8)
    Image.fromarray(pixels).save(tmp_path / "deep" / "a.png")
    assert isinstance(data.specification.encoder, ImageEncoder)
    read = read_unlabelled(data, tmp_path)
    assert read.ids == ("deep/a.png",)
    assert torch.equal(read.inputs[0, 0], torch.from_numpy(pixels))
    np.savez(tmp_path / "more.npz", x=np.zeros((3, 8, 8), dtype=np.uint8))
    assert read_unlabelled(data, tmp_path / "more.npz").ids == ("row 1", "row 2", "row 3")


def test_what_is_of_another_kind_is_refused(digits: tuple[Data, np.ndarray], tmp_path: Path):
    data, _ = digits
    with pytest.raises(InputError, match="holds no images; name a folder that does"):
        read_unlabelled(data, tmp_path)
    np.savez(tmp_path / "large.npz", x=np.zeros((3, 9, 9), dtype=np.uint8))
    with pytest.raises(InputError, match=r"its examples have shape \(1, 9, 9\), the labelled \(1, 8, 8\)"):
        read_unlabelled(data, tmp_path / "large.npz")
