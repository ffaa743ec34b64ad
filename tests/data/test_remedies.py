"""What is refused says what to do about it, with the value that was received."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from assay.data.encoders import ArrayEncoder, ImageEncoder, TableEncoder, as_batch
from assay.data.open import open_data
from assay.data.reading.column import Column
from assay.errors import InputError


def table(text: str, **options: Any) -> Callable[[Path], Any]:
    def make(folder: Path) -> Any:
        path = folder / "rows.csv"
        path.write_text(text)
        return open_data(path, target="y", **options)

    return make


def arrays(**named: Any) -> Callable[[Path], Any]:
    def make(folder: Path) -> Any:
        np.savez(folder / "arrays.npz", **named)
        return open_data(folder / "arrays.npz", group="who" if "who" in named else None)

    return make


def predicted(encoder: Any, name: str, text: str = "") -> Callable[[Path], Any]:
    def make(folder: Path) -> Any:
        (folder / name).write_text(text)
        return as_batch(encoder, folder / name)

    return make


class Items(torch.utils.data.Dataset[Any]):
    def __init__(self, *items: Any) -> None:
        self.items = items

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, index: int) -> Any:
        return self.items[index]


ROWS = "".join(f"{row},{'ab'[row % 2]}\n" for row in range(20))
WORDS = TableEncoder((Column("colour", categories=("red", "green")),))
REFUSED = {
    "no rows": (table("x,y\n"), r"has a header \(x, y\) but no rows; write one for each example"),
    "one class": (
        table("x,y\n1,a\n2,a\n"),
        r"one class only \('a'\).*: add examples of another, or name another target",
    ),
    "one target": (table("x,y\n" + "1,0.5\n" * 20), "the target is 0.5 in every training example.*name another target"),
    "limit": (table(f"x,y\n{ROWS}", limit=1), "limit must be at least 2 training examples, got 1; leave it out"),
    "size": (lambda _: open_data("digits", size=9000), "got 9000x9000; 32x32 to 224x224 are usual"),
    "no inputs": (arrays(a=np.zeros((9, 2))), r"it holds a \(9, 2\): rename them"),
    "no training": (arrays(x_test=np.zeros((9, 2)), y_test=np.arange(9)), "no x_train and y_train.*: add them"),
    "no group": (arrays(x=np.zeros((9, 2)), y=np.arange(9), who=np.arange(8)), "array of 9 names.*: add it, or leave"),
    "too many axes": (arrays(x=np.zeros((4, 1, 2, 2, 2)), y=np.arange(4)), "1 to 4 dimensions .*; save them so"),
    "dates": (arrays(x=np.zeros((9, 2)), y=np.arange(9).astype("M8[D]")), "text or numbers, got .*; convert them"),
    "no pairs": (lambda _: open_data(Items(torch.zeros(3))), r"must be a pair .*; let __getitem__ return both"),
    "no tensor": (lambda _: open_data(Items(("x", 1))), "must be a tensor, array or image, got .*; convert it"),
    "kinds": (lambda _: open_data(Items((torch.zeros(3), "a"), (torch.zeros(3), 1))), "int, str; convert them to one"),
    "no target": (lambda _: open_data(Items((torch.zeros(3), float("nan")))), "target is nan; .*, mend or leave out"),
    "new word": (
        predicted(WORDS, "new.csv", "colour\nblue\n"),
        "'blue' is new; the model knows green|red.* train again",
    ),
    "no column": (predicted(WORDS, "new.csv", "size\n1\n"), "lacks the column 'colour'; it has size; add it"),
    "a table": (predicted(ArrayEncoder((3,)), "new.csv"), "reads .npz or .npy arrays, got .csv; save the examples so"),
    "a text": (predicted(ImageEncoder(1, 4, 4), "new.txt"), "reads an image, got a file with .txt; give one such"),
}


@pytest.mark.parametrize(("make", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_refused_says_what_to_do(make: Callable[[Path], Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message):
        make(tmp_path)
