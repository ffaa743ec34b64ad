"""Image files as lazy inputs, and their decoding into memory."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from assay.data.encoders import ImageEncoder
from assay.data.split import LazyInputs
from assay.data.stream import ImageFiles, decode_files, in_threads
from assay.errors import InputError


def test_lazy_inputs_decode_one_file_and_select_keeps_order(tmp_path: Path, make_image) -> None:
    names = tuple(make_image(tmp_path / f"{index}.png", index).name for index in range(4))
    files = ImageFiles(str(tmp_path), names, ImageEncoder(1, 6, 4))
    assert isinstance(files, LazyInputs)
    assert torch.equal(files[3], torch.full((1, 6, 4), 3, dtype=torch.uint8))
    assert files.select([2, 0]).paths == ("2.png", "0.png")
    assert files.decoded_bytes == 4 * 24


def test_decoding_holds_pixels_and_names_what_failed(tmp_path: Path, make_image) -> None:
    names = tuple(make_image(tmp_path / f"{index}.png", index).name for index in range(3))
    (tmp_path / "1.png").write_bytes(b"")
    files = ImageFiles(str(tmp_path), names, ImageEncoder(1, 6, 4))
    pixels, unreadable = decode_files(files, keep=True)
    assert isinstance(pixels, torch.Tensor)
    assert pixels[[0, 2], 0, 0, 0].tolist() == [0, 2]
    assert list(unreadable) == [1]
    assert "1.png" in unreadable[1]
    lazy, again = decode_files(files, keep=False)
    assert lazy is files
    assert again == unreadable


def test_digest_changes_with_what_a_file_holds_and_not_with_where_it_lies(tmp_path: Path, make_image) -> None:
    for folder in ("here", "there"):
        for index in range(3):
            make_image(tmp_path / folder / f"{index}.png", index)
    names, encoder = ("0.png", "1.png", "2.png"), ImageEncoder(1, 6, 4)
    here, there = (ImageFiles(str(tmp_path / folder), names, encoder) for folder in ("here", "there"))
    before = here.digest()
    assert before == there.digest()
    assert before != here.select([1, 0, 2]).digest()
    make_image(tmp_path / "here" / "1.png", 77)
    assert here.digest() != before
    (tmp_path / "here" / "1.png").unlink()
    with pytest.raises(InputError, match=r"1\.png: cannot be read any more"):
        here.digest()


def test_threads_keep_order_over_several_chunks() -> None:
    def odd(number: int) -> int:
        if number % 1000 == 7:
            raise InputError(str(number))
        return number

    answers = list(in_threads(odd, range(2500)))
    assert [i for i, answer in enumerate(answers) if isinstance(answer, InputError)] == [7, 1007, 2007]
    assert [answer for answer in answers if isinstance(answer, int)] == [n for n in range(2500) if n % 1000 != 7]
