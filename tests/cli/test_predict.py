"""`assay predict`: new images, tables and arrays, and what does not fit."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from cli_support import Assay, write_image

RECIPE = 'batch_size = 8\nepochs = 2\n[model]\nkind = "MLP"\nhidden = [4]\n'


@pytest.fixture
def images(assay: Assay, animals: Path) -> str:
    """A model of grey images, 8 x 6."""
    Path("recipe.toml").write_text(RECIPE)
    assert assay("train", "animals", "--recipe", "recipe.toml", "--out", "images").code == 0
    return "images"


@pytest.fixture
def rows(assay: Assay, table: Path) -> str:
    """A model of a table's price."""
    Path("recipe.toml").write_text(RECIPE + '[loss]\nkind = "MeanSquaredError"\n')
    told = assay("train", "table.csv", "--target", "price", "--recipe", "recipe.toml", "--out", "rows")
    assert told.code == 0, told.err
    return "rows"


def test_images(assay: Assay, images: str) -> None:
    told = assay("predict", images, "animals/cat/0.png", "animals/horse/1.png")
    assert told.code == 0
    first, second = told.out.splitlines()
    assert first.startswith("animals/cat/0.png: ")
    assert second.startswith("animals/horse/1.png: ")
    assert first.split(": ")[1].split(" ")[0] in ("cat", "horse")


def test_the_device_is_obeyed(assay: Assay, images: str, monkeypatch: pytest.MonkeyPatch) -> None:
    here = assay("predict", images, "animals/cat/0.png", "--device", "cpu")
    assert here == assay("predict", images, "animals/cat/0.png")
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    refused(assay("predict", images, "animals/cat/0.png", "--device", "cuda"), "PyTorch sees no GPU")


def test_json_has_full_precision(assay: Assay, images: str) -> None:
    (answer,) = json.loads(assay("predict", images, "animals/cat/0.png", "--json").out)
    assert answer["file"] == "animals/cat/0.png"
    assert 0.5 <= answer["probability"] <= 1.0


def test_by_the_model_file(assay: Assay, images: str) -> None:
    by_folder = assay("predict", images, "animals/cat/0.png").out
    assert assay("predict", "images/model.safetensors", "animals/cat/0.png").out == by_folder


def test_an_array_of_images_counts_its_rows(assay: Assay, images: str) -> None:
    np.save("new.npy", np.zeros((3, 8, 6), dtype=np.uint8))
    assert [line.split(":")[0] for line in assay("predict", images, "new.npy").out.splitlines()] == [
        f"new.npy row {row}" for row in (1, 2, 3)
    ]


def test_a_table_with_and_without_its_target(assay: Assay, rows: str, table: Path) -> None:
    lines = table.read_text().splitlines()[:4]
    Path("new.csv").write_text("\n".join(lines) + "\n")
    Path("bare.csv").write_text("\n".join(line.rsplit(",", 1)[0] for line in lines) + "\n")
    answers = json.loads(assay("predict", rows, "new.csv", "--json").out)
    assert [answer["row"] for answer in answers] == [1, 2, 3]
    bare = json.loads(assay("predict", rows, "bare.csv", "--json").out)
    assert [answer["value"] for answer in bare] == [answer["value"] for answer in answers]


def refused(told: object, message: str) -> None:
    assert (told.code, told.out, len(told.lines)) == (2, "", 1), told  # type: ignore[attr-defined]
    assert told.err.startswith("assay: ")  # type: ignore[attr-defined]
    assert message in told.err  # type: ignore[attr-defined]


def test_another_shape(assay: Assay, images: str) -> None:
    write_image(Path("large.png"), size=(9, 9))
    refused(assay("predict", images, "large.png"), "large.png")
    np.save("large.npy", np.zeros((3, 9, 9), dtype=np.uint8))
    refused(assay("predict", images, "large.npy"), "each example must have shape (1, 8, 6), got (1, 9, 9)")


def test_one_wrong_file_among_good_ones_answers_nothing(assay: Assay, images: str) -> None:
    refused(assay("predict", images, "animals/cat/0.png", "nowhere.png"), "nowhere.png: no such file")


def test_other_files(assay: Assay, images: str, rows: str) -> None:
    Path("notes.txt").write_text("x")
    Path("broken.png").write_text("x")
    refused(assay("predict", images, "notes.txt"), "notes.txt: this model reads an image")
    refused(assay("predict", images, "broken.png"), "broken.png: not an image")
    refused(assay("predict", images, "table.csv"), "this model reads an image")
    refused(assay("predict", rows, "animals/cat/0.png"), "this model reads a CSV or Parquet table")
    refused(assay("predict", images, "animals"), "no such file")


def test_other_tables(assay: Assay, rows: str) -> None:
    Path("fewer.csv").write_text("width,colour\n1,red\n")
    refused(assay("predict", rows, "fewer.csv"), "height")
    Path("colour.csv").write_text("width,height,colour\n1,2,green\n")
    refused(assay("predict", rows, "colour.csv"), "green")
    Path("word.csv").write_text("width,height,colour\nwide,2,red\n")
    refused(assay("predict", rows, "word.csv"), "wide")


def test_a_tampered_model(assay: Assay, images: str) -> None:
    path = Path(images, "model.safetensors")
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    refused(assay("predict", images, "animals/cat/0.png"), "changed after it was written")
    path.write_bytes(whole[:100])
    refused(assay("predict", images, "animals/cat/0.png"), "not a readable model file")


def test_no_model(assay: Assay) -> None:
    refused(assay("predict", "nowhere", "x.png"), "nowhere: no model there")
    Path("unfinished").mkdir()
    refused(assay("predict", "unfinished", "x.png"), "a finished run leaves model.safetensors")
