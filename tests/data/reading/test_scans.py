"""Scans of progressive JPEG files: all of them in whole files of every kind, some missing where one was cut."""

from __future__ import annotations

import io
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from assay.data.reading.headers import read_header
from assay.data.reading.scans import has_all_scans


def encoded(mode: str = "RGB", size: tuple[int, int] = (96, 64), **options: object) -> bytes:
    # Smooth with some noise, so that every scan has something to say.
    rows, columns = np.mgrid[: size[1], : size[0]]
    grey = (
        128 + 60 * np.sin(rows / 9) * np.cos(columns / 7) + np.random.default_rng(3).normal(0, 12, (size[1], size[0]))
    )
    picture = Image.fromarray(grey.clip(0, 255).astype(np.uint8)).convert(mode)
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", **options)
    return buffer.getvalue()


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
@pytest.mark.parametrize("options", [{}, {"quality": 30}, {"subsampling": 0}, {"restart_marker_blocks": 2}])
@pytest.mark.parametrize("progressive", [True, False])
def test_whole_files_lack_none(mode: str, options: dict[str, int], progressive: bool) -> None:
    content = encoded(mode, progressive=progressive, **options)
    assert has_all_scans(content)
    assert has_all_scans(content + b"appended by a camera \xff\xd8\xff\xda")


def test_a_cut_before_any_scan_but_the_last_is_seen_though_it_was_closed() -> None:
    content = encoded(progressive=True)
    begins = [found.start() for found in re.finditer(rb"\xff\xda", content)]
    assert len(begins) == 10, "as libjpeg sends colours"
    for begin in begins:
        mended = content[:begin] + b"\xff\xd9"
        assert not has_all_scans(mended)
    middle = (begins[6] + begins[7]) // 2
    assert not has_all_scans(content[:middle] + b"\xff\xd9")


def test_an_end_in_a_preview_does_not_count(tmp_path: Path) -> None:
    preview = encoded(size=(16, 16))
    whole = encoded(progressive=True, exif=b"Exif\0\0II*\0" + preview)
    assert has_all_scans(whole)


def test_the_header_of_a_mended_file_tells_that_it_is_not_whole(tmp_path: Path) -> None:
    content, path = encoded(progressive=True), tmp_path / "a.jpg"
    path.write_bytes(content)
    assert read_header(path).is_whole
    path.write_bytes(content[: len(content) // 3] + b"\xff\xd9")
    assert not read_header(path).is_whole
    with Image.open(path) as picture:
        picture.load()  # Pillow says nothing


@pytest.mark.parametrize("content", [b"", b"\xff", b"\xff\xd8\xff", b"\xff\xd8\xff\xc2", b"\xff\xd8\xff\xda\0\2" * 3,
                                     b"\xff\xd8\xff\xc2\0\x0b\x08\0\1\0\1\1\1\x11\0\xff\xda\0\3\xff"])  # fmt: skip
def test_headers_that_are_none_are_read_without_an_error(content: bytes) -> None:
    assert isinstance(has_all_scans(content), bool)
