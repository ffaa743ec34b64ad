"""Files that were decoded though their end is missing: part of what is seen may be made up."""

from __future__ import annotations

from assay.audit.files.listing import Listing
from assay.finding import Finding


def find_cut_files(files: Listing) -> list[Finding]:
    """`suspect` with the files without an end or some of their scans (`assay.data.reading`)."""
    cut = files.where(lambda header: not header.is_whole)
    if not cut:
        return []
    return [
        Finding(
            "cut_files",
            "suspect",
            f"{len(cut):,} of {len(files):,} files end before their format says they end, or lack scans of a "
            f"progressive JPEG, such as {files.ids[cut[0]]}; they could be decoded, but part of the picture may be "
            "missing.",
            evidence={"count": len(cut), "n": len(files), "ids": files.name(cut)},
            cause="A download or copy that was cut short, or a disk that lost the end of the file.",
            fix="Fetch or copy these files again; look at the lower edge of the pictures.",
            source="the end markers of JPEG (EOI), PNG (IEND), GIF and WebP; ITU T.81, section G.1",
        )
    ]
