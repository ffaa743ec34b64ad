"""What reading changed in files: turned upright, one frame of many, transparency laid on white."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from assay.audit.files.listing import Listing
from assay.data.reading.headers import Header
from assay.finding import Finding


@dataclass(frozen=True)
class Conversion:
    """One change, when it is made and what it means."""

    name: str
    holds: Callable[[Header], bool]
    words: str
    cause: str
    fix: str


CONVERSIONS = (
    Conversion(
        "turned_images",
        lambda header: header.orientation != 1,
        "carry an EXIF orientation and were turned upright",
        "The camera was held otherwise; only a tag says so, the pixels lie as they were taken.",
        "Nothing to do here. Programs that do not look at the tag see these pictures lying: save them upright.",
    ),
    Conversion(
        "animated_files",
        lambda header: header.is_animated,
        "hold several frames or pages, of which the first was read",
        "An animation or a stack of pages under the name of an image.",
        "Save the frames that matter as files of their own; frames of one film belong into one group (--group).",
    ),
    Conversion(
        "transparent_images",
        lambda header: header.has_alpha,
        "may be transparent, and were laid on white",
        "Icons, logos and cut-out objects.",
        "See that white is a background like that of the other pictures; else lay them on it yourself.",
    ),
)


def tell_conversions(files: Listing) -> list[Finding]:
    """A note on each change that was made to any file."""
    return [finding for conversion in CONVERSIONS for finding in _tell(conversion, files)]


def _tell(conversion: Conversion, files: Listing) -> list[Finding]:
    changed = files.where(conversion.holds)
    if not changed:
        return []
    return [
        Finding(
            conversion.name,
            "note",
            f"{len(changed):,} of {len(files):,} files {conversion.words}, such as {files.ids[changed[0]]}.",
            evidence={"count": len(changed), "n": len(files), "ids": files.name(changed)},
            cause=conversion.cause,
            fix=conversion.fix,
            source="the headers of the files",
        )
    ]
