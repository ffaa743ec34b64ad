"""The corrected view: class folders, tables and arrays, and a source that stays as it is."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from PIL import Image

from assay.audit.cleaning.corrected_view import class_depth, write_corrected
from assay.audit.decisions import Decision, decide
from assay.audit.decisions.reading import DecisionLog
from assay.data.open import open_data
from assay.errors import InputError

BY = {"reviewer": "one"}


def log(*decisions: Decision) -> DecisionLog:
    return DecisionLog(Path("decisions.jsonl"), decisions)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root, draw = tmp_path / "pets", np.random.default_rng(435)
    for label in ("cat", "dog"):
        (root / label / "deep").mkdir(parents=True)
        for number in range(6):
            place = root / label / ("deep" if number == 5 else "") / f"{number}.png"
            Image.fromarray(draw.integers(0, 255, (8, 8, 3), dtype=np.uint8)).save(place)
    return root


def test_class_folders_hold_links_under_the_class_of_now(folder: Path, tmp_path: Path):
    data, out = open_data(folder), tmp_path / "view"
    content = {path: path.read_bytes() for path in folder.rglob("*.png")}
    decisions = log(decide("cat/0.png", "relabel", label="dog", **BY), decide("dog/deep/5.png", "drop", **BY),
                    decide("cat/1.png", "keep", **BY))  # fmt: skip
    report = write_corrected(data, str(folder), decisions, out)
    there = {str(path.relative_to(out)) for path in out.rglob("*.png")}
    assert there == {*(f"cat/{n}.png" for n in (1, 2, 3, 4)), "cat/deep/5.png",
                     *(f"dog/{n}.png" for n in range(5)), "dog/cat-0.png"}  # fmt: skip
    assert (out / "dog/cat-0.png").read_bytes() == content[folder / "cat/0.png"]
    assert (out / "dog/0.png").read_bytes() == content[folder / "dog/0.png"]
    assert os.path.samefile(out / "dog/cat-0.png", folder / "cat/0.png")
    assert {path: path.read_bytes() for path in folder.rglob("*.png")} == content
    assert report.findings[-1].evidence == {"n": 12, "written": 11, "relabelled": 1}
    assert len(open_data(out).train) + len(open_data(out).validation) + len(open_data(out).test) == 11


def test_where_links_cannot_be_files_are_copied(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object, **__: object) -> None:
        raise OSError("another disk")

    monkeypatch.setattr(os, "link", refuse)
    report = write_corrected(open_data(folder), str(folder), log(), tmp_path / "view")
    assert "12 as copies" in report.findings[-1].summary
    assert not os.path.samefile(tmp_path / "view/cat/0.png", folder / "cat/0.png")


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_table_keeps_its_columns_and_their_kinds(tmp_path: Path, suffix: str):
    source, out = tmp_path / f"pets{suffix}", tmp_path / "view"
    rows = 30
    table = pl.DataFrame({"size": [n / 10 for n in range(rows)], "kind": [n % 2 for n in range(rows)],
                          "name": [f"pet, {n}" for n in range(rows)]})  # fmt: skip
    table.write_csv(source) if suffix == ".csv" else table.write_parquet(source)
    data = open_data(source, target="kind")
    decisions = log(decide("row 3", "relabel", label="1", **BY), decide("row 30", "drop", **BY))
    write_corrected(data, str(source), decisions, out, target="kind")
    read = pl.read_csv if suffix == ".csv" else pl.read_parquet
    expected = table.with_columns(pl.Series("kind", [1 if n == 2 else n % 2 for n in range(rows)])).head(29)
    assert read(out / source.name).equals(expected)
    assert read(source).equals(table)


def test_arrays_of_parts_lose_their_dropped_rows_together(tmp_path: Path):
    source, out, draw = tmp_path / "pets.npz", tmp_path / "view", np.random.default_rng(436)
    words = np.array(["cat", "dog"])
    arrays = {f"{name}_{part}": values for part, n in (("train", 12), ("test", 8)) for name, values in (
        ("x", draw.random((n, 3)).astype(np.float32)), ("y", words[np.arange(n) % 2]), ("weight", np.arange(n)))
    }  # fmt: skip
    np.savez(source, **arrays)
    decisions = log(decide("train row 1", "relabel", label="dog", **BY), decide("test row 2", "drop", **BY))
    write_corrected(open_data(source), str(source), decisions, out)
    with np.load(out / "pets.npz") as found:
        assert found["y_train"].tolist() == ["dog", *arrays["y_train"][1:].tolist()]
        assert found["weight_test"].tolist() == [0, 2, 3, 4, 5, 6, 7]
        assert np.array_equal(found["x_test"], np.delete(arrays["x_test"], 1, axis=0))
        assert np.array_equal(found["weight_train"], arrays["weight_train"])


def test_a_data_set_known_by_name_becomes_arrays_that_are_read_again(tmp_path: Path):
    data = open_data("digits")
    first = data.train.ids[0]
    before = int(data.train.targets[0])
    write_corrected(data, "digits", log(decide(first, "relabel", label=str((before + 1) % 10), **BY)), tmp_path / "v")
    again = open_data(tmp_path / "v" / "digits.npz")
    assert int(again.train.targets[0]) == (before + 1) % 10
    assert again.train.inputs.shape == data.train.inputs.shape


def test_the_source_is_never_written_into(folder: Path, tmp_path: Path):
    data = open_data(folder)
    for out, rule in ((folder, "lies in the source"), (folder / "new", "lies in the source"),
                      (folder.parent, "holds the source")):  # fmt: skip
        with pytest.raises(InputError, match=rule):
            write_corrected(data, str(folder), log(), out)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "note.txt").write_text("mine")
    with pytest.raises(InputError, match="is there and holds something; name a new folder"):
        write_corrected(data, str(folder), log(), tmp_path / "full")
    assert not list(tmp_path.glob(".*"))


def test_the_class_is_the_first_folder_that_is_so_for_all():
    assert class_depth({"train/cat/1.png": "cat", "train/dog/cat/2.png": "dog"}) == 1
    assert class_depth({"cat/cat/1.png": "cat", "cat/dog/2.png": "dog"}) == 1
    with pytest.raises(InputError, match="do not lie in folders of their classes"):
        class_depth({"a/1.png": "cat", "b/2.png": "dog"})
