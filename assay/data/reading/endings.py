"""Does an image file end as its format says it ends? What was cut short may still decode, with a part made up.

An animation without its last frames and a file whose end a disk has lost to zeros open without an error, but their end
marker is missing. What was cut and then mended with an end marker is not known from what is whole, but by its scans
(`assay.data.reading.scans`) where it is a progressive JPEG.

Source: ITU T.81 (EOI), PNG 3rd edition section 11.2.5 (IEND), GIF89a section 27 (trailer), WebP container (RIFF size).
"""

from __future__ import annotations

import os

PNG_END = b"IEND\xaeB`\x82"
JPEG_START_OF_SCAN, JPEG_END = b"\xff\xda", b"\xff\xd9"
TAIL = 16


def has_end(descriptor: int, size: int, kind: str) -> bool:
    """Whether the file's end marker is there; True for formats that have none.

    The tail of nearly every file answers it. Bytes may follow the marker (cameras append to JPEG files), so where the
    tail does not answer, the whole is looked through; the position of the file is left as it was.

    Args:
        kind: Pillow's name of the format.
    """
    tail = os.pread(descriptor, TAIL, max(0, size - TAIL))
    if kind in ("JPEG", "MPO"):
        return tail.endswith(JPEG_END) or _has_jpeg_end(os.pread(descriptor, size, 0))
    if kind == "PNG":
        return PNG_END in tail or PNG_END in os.pread(descriptor, size, 0)
    if kind == "GIF":
        return tail.rstrip(b"\0").endswith(b";")
    if kind == "WEBP":
        return bool(tail.strip(b"\0")) and int.from_bytes(os.pread(descriptor, 4, 4), "little") + 8 <= size
    return True


def _has_jpeg_end(whole: bytes) -> bool:
    """An end marker behind the first scan: a preview inside the metadata has an end of its own, which does not count.

    In a scan a byte of 255 is followed by 0 or a restart marker, so an end marker there is one.
    """
    place = 2
    while place + 4 <= len(whole) and whole[place] == 0xFF:
        marker = whole[place : place + 2]
        if marker == JPEG_START_OF_SCAN:
            return JPEG_END in whole[place:]
        # Fill bytes may stand before a marker.
        place += 1 if marker == b"\xff\xff" else 2 + int.from_bytes(whole[place + 2 : place + 4], "big")
    return False
