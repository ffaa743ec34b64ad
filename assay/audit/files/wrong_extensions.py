"""Files whose content is of another format than their name says.

Readers that look at the content do not mind; those that trust the name (hardware decoders, browsers, tf.io) refuse the
file or misread it.
"""

from __future__ import annotations

from collections import Counter
from pathlib import PurePath

from assay.audit.files.listing import Listing
from assay.finding import Finding

FORMATS = {
    ".png": {"PNG"},
    ".jpg": {"JPEG", "MPO"},
    ".jpeg": {"JPEG", "MPO"},
    ".bmp": {"BMP", "DIB"},
    ".gif": {"GIF"},
    ".webp": {"WEBP"},
    ".tif": {"TIFF"},
    ".tiff": {"TIFF"},
}
"""Pillow's names of what may be inside."""


def find_wrong_extensions(files: Listing) -> list[Finding]:
    """`suspect` with the files and what they really are."""
    wrong = [place for place in range(len(files)) if not _fits(files, place)]
    if not wrong:
        return []
    kinds = Counter(f"{_suffix(files, place)} that is {files.headers[place].format}" for place in wrong)
    parts = ", ".join(f"{count:,} {kind}" for kind, count in kinds.most_common(5))
    return [
        Finding(
            "wrong_extensions",
            "suspect",
            f"{len(wrong):,} of {len(files):,} files are not what their names say: {parts}, such as "
            f"{files.ids[wrong[0]]}.",
            evidence={"count": len(wrong), "n": len(files), "kinds": dict(kinds), "ids": files.name(wrong)},
            cause="Files were renamed instead of converted, or downloaded under the name of a link.",
            fix="Rename them to their format, or save them anew: readers that trust the name refuse or misread them.",
            source="the signatures in the first bytes of the files",
        )
    ]


def _suffix(files: Listing, place: int) -> str:
    return PurePath(files.ids[place]).suffix.lower()


def _fits(files: Listing, place: int) -> bool:
    expected, found = FORMATS.get(_suffix(files, place)), files.headers[place].format
    return expected is None or not found or found in expected
