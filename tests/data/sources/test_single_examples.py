"""Classes of one example: a training refuses them, an inspection leaves them out and says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from assay.data.open import open_data
from assay.errors import InputError


def write(path: Path, labels: str) -> Path:
    path.write_text("x,y\n" + "".join(f"{row}.5,{label}\n" for row, label in enumerate(labels)))
    return path


def test_an_inspection_leaves_them_out_and_names_them(tmp_path: Path) -> None:
    labels = "bc" + "abz" * 10 + "q"
    path = write(tmp_path / "rows.csv", labels)
    data = open_data(path, target="y", tolerant=True)
    assert data.specification.classes == ("a", "b", "z")
    kept = {id: int(target) for split in (data.train, data.validation, data.test)
            for id, target in zip(split.ids, split.targets, strict=True)}  # fmt: skip
    assert kept == {f"row {row + 1}": "abz".index(label) for row, label in enumerate(labels) if label in "abz"}
    (finding,) = [found for found in data.findings if found.id == "single_examples"]
    assert finding.level == "proved"
    assert finding.evidence["ids"] == ["row 2", "row 33"]
    assert "2 classes have a single example and were left out, such as 'c' (row 2)" in finding.summary


def test_a_training_refuses_them(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"class 'q' has a single example \(row 31\); a class needs at least two"):
        open_data(write(tmp_path / "rows.csv", "abz" * 10 + "q"), target="y")


def test_where_one_class_would_be_left_it_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"class 'q' has a single example \(row 31\)"):
        open_data(write(tmp_path / "rows.csv", "a" * 30 + "q"), target="y", tolerant=True)
