"""Cells of a table as they were written, from the inputs that networks see."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from assay.audit.table_cells import table_cells
from assay.data.open import open_data


def test_numbers_and_words_come_back_as_they_were_written(tmp_path: Path) -> None:
    colours = ("red", "green", "blue")
    rows = [f"{place / 4},{colours[place % 3]},{'ab'[place % 2]}" for place in range(30)]
    path = tmp_path / "rows.csv"
    path.write_text("\n".join(["size,colour,kind", *rows]) + "\n")
    data = open_data(path, target="kind")
    places = [int(id.removeprefix("row ")) - 1 for id in data.train.ids]
    found = dict(table_cells(data.specification, data.train.gather(torch.arange(len(places)))))
    assert list(found) == ["size", "colour"]
    assert found["size"] == [place / 4 for place in places]
    assert found["colour"] == [colours[place % 3] for place in places]


def test_arrays_have_no_columns_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "rows.npz"
    np.savez(path, inputs=np.eye(40, 4, dtype=np.float32), targets=np.arange(40) % 2)
    data = open_data(path)
    assert list(table_cells(data.specification, data.train.inputs)) == []  # type: ignore[arg-type]
