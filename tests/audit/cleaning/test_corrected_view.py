"""The corrected view: class folders, tables and arrays, and a source that stays as it is."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from PIL import Image

from assay.audit.cleaning.corrected_view import class_depth, write_corrected
from assay.audit.cleaning.relabelled import relabel_array, require_labels
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
    assert report.findings[-1].evidence == {"n": 12, "written": 11, "relabelled": 1, "set_aside": 0}
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


def test_files_that_reading_set_aside_are_counted(folder: Path, tmp_path: Path):
    (folder / "cat" / "6.png").write_bytes(b"no image")
    report = write_corrected(open_data(folder, skip_bad=True), str(folder), log(), tmp_path / "view")
    told = report.findings[-1]
    assert told.summary.startswith("12 of 13 examples were written")
    assert told.summary.endswith("1 that could not be read are not in it.")
    assert told.evidence == {"n": 13, "written": 12, "relabelled": 0, "set_aside": 1}


def test_a_class_with_a_longer_name_than_its_part_holds_is_written_whole(tmp_path: Path):
    """The test part holds three letters at most, the training part a class of five."""
    source, out, draw = tmp_path / "pets.npz", tmp_path / "view", np.random.default_rng(480)
    train, test = np.array(["cat", "dog", "horse"] * 5), np.array(["cat", "dog"] * 4)
    np.savez(source, x_train=draw.random((15, 3)), y_train=train, x_test=draw.random((8, 3)), y_test=test)
    decisions = log(decide("test row 2", "relabel", label="horse", **BY))
    write_corrected(open_data(source), str(source), decisions, out)
    with np.load(out / "pets.npz") as found:
        assert found["y_test"].tolist() == ["cat", "horse", *test[2:].tolist()]
        assert found["y_train"].tolist() == train.tolist()


@pytest.mark.parametrize("kind", ["int64", "float32", "float64"])
def test_numbers_in_arrays_keep_their_fractions(kind: str):
    found = relabel_array(np.arange(30).astype(kind), {3: float(np.float32(2.7)), 4: 8.0})
    assert found.tolist() == pytest.approx([*range(3), 2.7, 8, *range(5, 30)])
    assert found.dtype == (kind if kind != "int64" else "float64")


@pytest.mark.parametrize(
    ("held", "label", "found"),
    [
        (["cat", "dog"], "truck", ["truck", "dog"]),
        ([b"cat", b"dog"], "truck", [b"truck", b"dog"]),
        (np.array([1, 2], dtype=np.int8), "300", [300, 2]),
        (np.array([1, 2], dtype=np.int8), "2", [2, 2]),
        ([False, True], "True", [True, True]),
        ([[0], [1]], "7", [[7], [1]]),
        ([0.0, 1.0], "1", [1.0, 1.0]),
    ],
)
def test_an_array_becomes_as_wide_as_its_labels(held: list[object], label: str, found: list[object]):
    assert relabel_array(np.array(held), {0: label}).tolist() == found


def test_an_array_that_can_hold_a_label_keeps_its_kind():
    assert relabel_array(np.array([1, 2], dtype=np.int8), {0: "2"}).dtype == np.int8


@pytest.mark.parametrize("kind", [pl.Int64, pl.Float64, pl.String, pl.Float32])
def test_a_number_with_a_fraction_is_written_to_a_column_of_any_kind(tmp_path: Path, kind: type[pl.DataType]):
    source, out = tmp_path / "prices.parquet", tmp_path / "view"
    table = pl.DataFrame({"size": [n / 10 for n in range(60)], "price": [n * n for n in range(60)]})
    table.with_columns(pl.col("price").cast(kind)).write_parquet(source)
    decisions = log(decide("row 3", "relabel", label=2.7, **BY), decide("row 4", "relabel", label=8, **BY))
    write_corrected(open_data(source, target="price"), str(source), decisions, out, target="price")
    found = pl.read_parquet(out / source.name).get_column("price")
    assert found.cast(pl.Float64).to_list()[2:5] == pytest.approx([2.7, 8, 16])
    assert found.dtype == (kind if kind != pl.Int64 else pl.Float64)


@pytest.mark.parametrize("kind", [pl.Boolean, pl.Categorical, pl.Float64, pl.Int8])
def test_classes_of_a_column_keep_their_kind(tmp_path: Path, kind: type[pl.DataType]):
    source, out = tmp_path / "pets.parquet", tmp_path / "view"
    column = pl.Series("kind", [n % 2 for n in range(30)])
    column = column.cast(pl.String).cast(kind) if kind == pl.Categorical else column.cast(kind)
    pl.DataFrame({"size": [n / 10 for n in range(30)], "kind": column}).write_parquet(source)
    data = open_data(source, target="kind")
    _, second = data.specification.classes
    write_corrected(data, str(source), log(decide("row 1", "relabel", label=second, **BY)), out, target="kind")
    found = pl.read_parquet(out / source.name).get_column("kind")
    assert found.dtype == column.dtype
    assert found.to_list() == [column[1], *column[1:].to_list()]


def test_what_is_read_back_must_be_what_was_said():
    require_labels("pets.csv", ["cat", 2.0, "2.7"], {0: "cat", 4: "2", 7: float(np.float32(2.7))})
    with pytest.raises(InputError, match=r"the label of row 5 is 'truck', and is read back as 'tru'"):
        require_labels("pets.csv", ["cat", "tru"], {0: "cat", 4: "truck"})
    with pytest.raises(InputError, match="2 rows were to be written, 1 are read back"):
        require_labels("pets.csv", ["cat"], {0: "cat", 4: "truck"})


def test_a_table_keeps_its_decimal_commas_and_quoted_names(tmp_path: Path):
    source, out = tmp_path / "pets.csv", tmp_path / "view"
    source.write_text('"si""ze";kind\n' + "".join(f"{row},5;{'ab'[row % 2]}\n" for row in range(30)))
    decisions = log(decide("row 3", "relabel", label="b", **BY))
    write_corrected(open_data(source, target="kind"), str(source), decisions, out, target="kind")
    lines = (out / "pets.csv").read_text().splitlines()
    assert lines[:4] == ['"si""ze";kind', "0,5;a", "1,5;b", "2,5;b"]
