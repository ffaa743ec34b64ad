"""New data is read as training data was, and refused where it does not fit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from assay.data.encoders import ArrayEncoder, ImageEncoder, TableEncoder, as_batch
from assay.data.reading.column import Column
from assay.errors import InputError


def test_image_files_and_byte_arrays_feed_an_image_model(tmp_path: Path, make_image) -> None:
    encoder = ImageEncoder(1, 6, 4)
    assert as_batch(encoder, make_image(tmp_path / "a.png")).shape == (1, 1, 6, 4)
    np.save(tmp_path / "a.npy", np.zeros((5, 6, 4), dtype=np.uint8))
    assert as_batch(encoder, tmp_path / "a.npy").shape == (5, 1, 6, 4)


def test_another_image_size_is_refused_saying_both_and_resized_where_training_was(tmp_path: Path, make_image) -> None:
    path = make_image(tmp_path / "a.png", size=(3, 3))
    with pytest.raises(InputError, match=r"a\.png: this image is 3x3 .* wanted 6x4"):
        as_batch(ImageEncoder(1, 6, 4), path)
    assert as_batch(ImageEncoder(3, 6, 4, resize=True), path).shape == (1, 3, 6, 4)


def test_arrays_of_another_shape_or_kind_are_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.zeros((5, 3, 3), dtype=np.uint8))
    with pytest.raises(InputError, match=r"shape \(1, 6, 4\), got \(1, 3, 3\)"):
        as_batch(ImageEncoder(1, 6, 4), tmp_path / "a.npy")
    np.save(tmp_path / "b.npy", np.zeros((5, 6, 4)))
    with pytest.raises(InputError, match="whole numbers from 0 to 255"):
        as_batch(ImageEncoder(1, 6, 4), tmp_path / "b.npy")
    np.save(tmp_path / "c.npy", np.zeros((5, 2)))
    with pytest.raises(InputError, match=r"shape \(3,\), got \(2,\)"):
        as_batch(ArrayEncoder((3,)), tmp_path / "c.npy")


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"reads an image, got a file with \.csv"):
        as_batch(ImageEncoder(1, 6, 4), tmp_path / "a.csv")
    with pytest.raises(InputError, match=r"reads a CSV or Parquet table, got a file with \.png"):
        as_batch(TableEncoder((Column("x"),)), tmp_path / "a.png")
    with pytest.raises(InputError, match=r"reads \.npz or \.npy arrays, got \.png"):
        as_batch(ArrayEncoder((3,)), tmp_path / "a.png")


def test_array_cells_that_are_missing_are_refused_or_filled(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", inputs=np.array([[1.0, np.nan], [np.inf, 4.0]]))
    with pytest.raises(InputError, match="2 missing or infinite cells, the first in row 1, column 2"):
        as_batch(ArrayEncoder((2,)), tmp_path / "a.npz")
    filled = as_batch(ArrayEncoder((2,), fill=(7.0, 8.0)), tmp_path / "a.npz")
    assert torch.equal(filled, torch.tensor([[1.0, 8.0], [7.0, 4.0]]))


def test_tables_need_no_target_and_take_columns_in_any_order(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("town,x\nUlm,2\nBern,3\n")
    encoder = TableEncoder((Column("x"), Column("town", categories=("Bern", "Ulm"))))
    assert as_batch(encoder, tmp_path / "a.csv").tolist() == [[2.0, 0.0, 1.0], [3.0, 1.0, 0.0]]


def test_table_cells_are_filled_as_in_training(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("town,x\n,2\nBern,\n")
    encoder = TableEncoder((Column("x", fill=5.0), Column("town", categories=("Bern", "Ulm"), fill="Ulm")))
    assert as_batch(encoder, tmp_path / "a.csv").tolist() == [[2.0, 0.0, 1.0], [5.0, 1.0, 0.0]]


def test_missing_columns_and_new_categories_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("town\nUlm\nParis\n")
    with pytest.raises(InputError, match=r"a\.csv: lacks the column 'x'; it has town"):
        as_batch(TableEncoder((Column("x"),)), tmp_path / "a.csv")
    with pytest.raises(InputError, match="row 2, column 'town': category 'Paris' is new; the model knows Bern, Ulm"):
        as_batch(TableEncoder((Column("town", categories=("Bern", "Ulm")),)), tmp_path / "a.csv")
