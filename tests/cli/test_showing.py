"""Examples in a terminal: rows in their own units, pictures pixel by pixel, signals as bars."""

from __future__ import annotations

import io

import pytest
import torch
from rich.console import Console

from assay.cli.showing import fitted, picture, require_showable, show_example, signal
from assay.data.encoders import ArrayEncoder, TableEncoder
from assay.data.reading.column import Column
from assay.data.specification import Normalization, Specification
from assay.errors import InputError

CLASSES = ("a", "b")


def specification(shape: tuple[int, ...], encoder: object = None) -> Specification:
    columns = Normalization((3.0,), (2.0,))
    return Specification("classification", shape, columns, encoder or ArrayEncoder(shape), CLASSES)  # pyright: ignore


def shown(inputs: torch.Tensor, wanted: Specification, **settings: object) -> str:
    console = Console(file=io.StringIO(), width=60, height=40, **settings)  # pyright: ignore
    show_example(console, wanted, inputs)
    return console.file.getvalue()  # pyright: ignore


def test_a_row_has_its_columns_in_their_own_units_and_words() -> None:
    encoder = TableEncoder((Column("width in cm"), Column("colour", ("red", "[blue]")), Column("age")))
    lines = shown(torch.tensor([0.1, 0.0, 1.0, 12345678.0]), specification((4,), encoder)).splitlines()
    assert [line.split() for line in lines if line] == [
        ["width", "in", "cm", "0.1"],
        ["colour", "[blue]"],
        ["age", "1.234568e+07"],
    ]


def test_vectors_of_arrays_are_features_and_many_columns_stand_beside_each_other() -> None:
    assert "feature 2   2.5" in shown(torch.tensor([1.0, 2.5]), specification((2,)))
    encoder = TableEncoder(tuple(Column(f"c{number}") for number in range(100)))
    told = shown(torch.arange(100.0), specification((100,), encoder))
    assert len(told.splitlines()) < 60
    assert "c99  99" in told


def test_each_pixel_is_half_a_letter() -> None:
    image = torch.tensor([[[0, 255], [255, 0]]], dtype=torch.uint8)
    text = picture(image, columns=2, lines=8)
    assert text.plain == "▀▀\n"
    colours = [(span.style.color.name, span.style.bgcolor.name) for span in text.spans]  # pyright: ignore
    assert colours == [("#000000", "#ffffff"), ("#ffffff", "#000000")]


def test_an_odd_number_of_rows_leaves_the_last_half_empty() -> None:
    text = picture(torch.full((3, 1, 1), 200, dtype=torch.uint8), columns=1, lines=8)
    assert text.spans[-1].style.bgcolor is None  # pyright: ignore
    assert text.spans[-1].style.color.name == "#c8c8c8"  # pyright: ignore


def test_small_pictures_are_enlarged_by_whole_numbers_and_large_ones_shrunk() -> None:
    assert fitted(8, 8, 80, 60) == (32, 32)
    assert fitted(28, 28, 80, 60) == (28, 28)
    assert fitted(400, 300, 80, 40) == (53, 40)
    assert fitted(1, 500, 80, 40) == (1, 40)
    assert fitted(10, 10, 15, 60) == (10, 10)


def test_a_signal_is_a_line_of_bars_with_its_range() -> None:
    text = signal(torch.tensor([[0.0, 1.0, 2.0, 7.0], [1.0, 1.0, 1.0, 1.0]]), columns=60).plain.splitlines()
    assert text == ["▁▂▃█  0 to 7", "▁▁▁▁  1 to 1"]
    assert shown(torch.zeros(200), specification((200,))).startswith("▁" * 30)


def test_pictures_without_colours_are_refused_and_rows_are_not() -> None:
    plain = Console(file=io.StringIO())
    with pytest.raises(InputError, match="pictures cannot be shown here, without a terminal of many colours"):
        require_showable(specification((1, 8, 8)), plain)
    require_showable(specification((4,)), plain)
    require_showable(specification((1, 8, 8)), Console(force_terminal=True, color_system="truecolor"))
