"""Signals as small pictures: a line a channel at the height of its values, also where there are none."""

from __future__ import annotations

import base64
import io

import numpy as np
import torch
from PIL import Image

from assay.figure import encode_png
from assay.signal_drawing import COLOUR, SIDE, draw_signal


def drawn_rows(picture: Image.Image, column: int) -> np.ndarray:
    return np.flatnonzero(np.asarray(picture)[:, column, 3] > 128)


def test_a_rising_line_rises_from_left_to_right() -> None:
    picture = draw_signal(torch.arange(64.0)[None])
    assert (picture.mode, picture.size) == ("RGBA", (SIDE, SIDE))
    middles = [drawn_rows(picture, column).mean() for column in (2, SIDE // 2, SIDE - 3)]
    expected = [0.95 * SIDE, 0.5 * SIDE, 0.05 * SIDE]
    # The line is two pixels thick and begins within the first ones.
    assert np.allclose(middles, expected, atol=4)
    # Scaling down rounds.
    assert np.allclose(np.asarray(picture)[drawn_rows(picture, 40)[0], 40, :3], COLOUR[:3], atol=16)


def test_each_channel_has_a_band_of_its_own_and_a_dead_one_is_straight() -> None:
    values = torch.stack([torch.arange(32.0), torch.full((32,), 7.0)])
    picture = draw_signal(values)
    rows = drawn_rows(picture, SIDE // 2)
    assert (rows < SIDE // 2).any()
    flat = {tuple(drawn_rows(picture, column)[drawn_rows(picture, column) > SIDE // 2]) for column in (5, 90, 180)}
    assert len(flat) == 1, "at one height from beginning to end"


def test_what_is_no_number_and_many_channels_are_drawn_all_the_same() -> None:
    values = torch.randn(20, 30)
    values[0, 3], values[1, 4], values[2] = torch.nan, torch.inf, torch.nan
    assert draw_signal(values).size == (SIDE, SIDE)


def test_one_row_of_pixels_is_drawn_as_lines_and_a_picture_as_it_is() -> None:
    def size_of(image: torch.Tensor) -> tuple[int, int]:
        return Image.open(io.BytesIO(base64.b64decode(encode_png(image)))).size

    assert size_of(torch.randn(1, 1, 200)) == (SIDE, SIDE)
    assert size_of(torch.randn(12, 1, 16)) == (SIDE, SIDE)
    assert size_of(torch.zeros(1, 1, 15, dtype=torch.uint8)) == (15, 1)
    assert size_of(torch.zeros(3, 2, 200, dtype=torch.uint8)) == (200, 2)
