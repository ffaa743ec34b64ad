"""Files of several modes in one data set: grey among colour, palettes, print colours."""

from __future__ import annotations

from collections import Counter

from assay.audit.files.listing import Listing
from assay.data.reading.headers import Header
from assay.figure import Table
from assay.finding import Finding

WORDS = {
    "1": "black and white",
    "L": "grey",
    "LA": "grey with transparency",
    "P": "palette",
    "PA": "palette with transparency",
    "RGB": "colour",
    "RGBA": "colour with transparency",
    "CMYK": "print colours (CMYK)",
    "YCbCr": "colour (YCbCr)",
    "LAB": "colour (Lab)",
}


def describe_mode(header: Header) -> str:
    """In words: `grey`, `colour of 16 bits`."""
    deep = header.mode.startswith("I")
    words = "grey" if deep else WORDS.get(header.mode, header.mode)
    return f"{words} of 16 bits" if header.bits > 8 else words


def find_mixed_modes(files: Listing) -> list[Finding]:
    """A note with the count of each mode, where there is more than one."""
    modes = Counter(map(describe_mode, files.headers))
    if len(modes) < 2:
        return []
    first = {mode: files.ids[place] for place, mode in reversed(list(enumerate(map(describe_mode, files.headers))))}
    grey = sum(header.channels == 1 for header in files.headers)
    made = f"; the {grey:,} grey ones were made colour" if 0 < grey < len(files) else ""
    rows = tuple((mode, f"{count:,}", first[mode]) for mode, count in modes.most_common())
    parts = ", ".join(f"{mode} {count:,}" for mode, count in modes.most_common())
    return [
        Finding(
            "mixed_modes",
            "note",
            f"The {len(files):,} files are of {len(modes)} modes: {parts}{made}.",
            evidence={"n": len(files), "modes": dict(modes), "grey": grey, "first": first},
            cause="The files come from several sources, or some were saved by another program.",
            fix="See that modes do not go with classes; where colour says nothing, make all files grey."
            if made
            else "See that modes do not go with classes.",
            source="the headers of the files",
            figures=(Table("Modes", ("mode", "files", "such as"), rows),),
        )
    ]
