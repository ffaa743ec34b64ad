"""What image files say of themselves, read without decoding a pixel, and kept for whoever inspects the data."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from PIL import ImageFile

from assay.data.reading.endings import has_end
from assay.data.reading.images import GREY_MODES, has_alpha, opened, orientation_of
from assay.data.reading.scans import has_all_scans


@dataclass(frozen=True, slots=True)
class Header:
    """One image file.

    height, width: upright, in pixels.
    channels: 1 (grey) or 3.
    format, mode: as Pillow names them, such as JPEG and RGB.
    bits: of one channel of one pixel as stored; what is deeper than 8 is cut to 8.
    orientation: the EXIF tag, 1 (upright) to 8.
    is_animated: holds several frames, of which the first is read.
    is_whole: ends as its format says it ends (`assay.data.reading.endings`), and lacks no scan
        (`assay.data.reading.scans`).
    """

    height: int
    width: int
    channels: int
    format: str = ""
    mode: str = ""
    bits: int = 8
    orientation: int = 1
    has_alpha: bool = False
    is_animated: bool = False
    is_whole: bool = True
    file_bytes: int = 0


@dataclass(frozen=True, eq=False)
class Headers:
    """The headers of a source's files by the ids of its examples, which are paths under `root`."""

    root: str
    by_id: Mapping[str, Header]


def read_header(path: Path) -> Header:
    """Everything a header tells.

    Raises:
        InputError: not an image, or too large to decode safely.
    """
    with opened(path) as image:
        assert image.fp is not None  # just opened
        descriptor, kind = image.fp.fileno(), image.format or ""
        size = os.fstat(descriptor).st_size
        bits, is_whole = _bits(image), has_end(descriptor, size, kind)
        if is_whole and image.info.get("progressive"):
            is_whole = has_all_scans(os.pread(descriptor, size, 0))
        # The further pictures of an MPO file are previews and depths of the first.
        is_animated = kind != "MPO" and bool(getattr(image, "is_animated", False))
        # Of a PNG file this decodes the picture, and lets go of the file.
        orientation = orientation_of(image)
        width, height = image.size if orientation <= 4 else image.size[::-1]
        return Header(
            height,
            width,
            channels=1 if image.mode in GREY_MODES else 3,
            format=kind,
            mode=image.mode,
            bits=bits,
            orientation=orientation,
            has_alpha=has_alpha(image),
            is_animated=is_animated,
            is_whole=is_whole,
            file_bytes=size,
        )


def _bits(image: ImageFile.ImageFile) -> int:
    """Pillow reads deep colours as 8 bits; only how they are stored tells it."""
    stored = str(image.tile[0].args) if getattr(image, "tile", None) else ""
    if image.mode == "1":
        return 1
    return 16 if ";16" in stored or image.mode.startswith("I") else 8
