"""Are all scans of a progressive JPEG file there? One that was cut and then closed decodes without an error, coarser.

    whole: of each component every coefficient k in 0..63 came in some scan whose lowest bit is bit 0 (Al = 0)

A progressive file sends coarse values first and makes them finer scan by scan. Readers take what is there, and
whoever repairs a cut file puts an end marker behind it, so only the list of scans tells. A file that was cut inside
its last scan has all of them and is not known from what is whole.

Source: ITU T.81, section G.1 (spectral selection, successive approximation) and B.2.3 (scan header).
"""

from __future__ import annotations

import re

START_OF_FRAME, START_OF_SCAN, END = 0xC2, 0xDA, 0xD9
COEFFICIENTS = 64
MARKER = re.compile(rb"\xff([^\x00\xff\xd0-\xd7])")
"""In the data of a scan a byte of 255 is followed by 0 or a restart marker."""


def has_all_scans(content: bytes) -> bool:
    """Whether the scans of the first picture of a JPEG file leave nothing out; True for files that are not progressive.

    Headers that cannot be read are left to the decoder.
    """
    missing: dict[int, set[int]] | None = None
    place = 2
    while (found := MARKER.search(content, place)) is not None:
        kind, start = found[1][0], found.end()
        if kind == END:
            break
        body = content[start + 2 : start + int.from_bytes(content[start : start + 2], "big")]
        if kind == START_OF_FRAME:
            missing = {component: set(range(COEFFICIENTS)) for component in body[6::3]}
        elif kind == START_OF_SCAN and missing is not None:
            _take(body, missing)
        place = start + 2 + len(body)
    return missing is None or not any(missing.values())


def _take(scan: bytes, missing: dict[int, set[int]]) -> None:
    """Coefficients that a scan makes exact are missing no more."""
    if not scan or len(scan) < 4 + 2 * scan[0]:
        return
    first, last, precision = scan[1 + 2 * scan[0] : 4 + 2 * scan[0]]
    if precision & 15:
        return
    for component in scan[1 : 1 + 2 * scan[0] : 2]:
        missing.get(component, set()).difference_update(range(first, last + 1))
