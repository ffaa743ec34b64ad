"""Sizes of image files before they are scaled to one: outliers, and how much scaling changes.

    odd: log(height * width), or log(width / height), beyond Q1 - far or Q3 + far
    far = max(3 (Q3 - Q1), log 1.5)

Where most files have one size there is no spread, and any other size would be far: half as much again is the least
that is told.

Source: Tukey 1977, Exploratory Data Analysis, section 2 (outer fences).
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

from assay.audit.fences import FENCE, beyond_fences, farthest_first
from assay.audit.files.listing import Listing
from assay.audit.odd_images import LEAST
from assay.figure import Table
from assay.finding import Finding

SHOWN = 20
STRETCHED = 1.5
"""Wider or narrower by half, or of half as much area again, which an eye sees at once."""
SOURCE = "Tukey 1977, Exploratory Data Analysis, section 2"


def find_odd_sizes(files: Listing) -> list[Finding]:
    """Notes on files of a size, and of an aspect, far from the others'."""
    heights, widths = files.values(lambda header: header.height), files.values(lambda header: header.width)
    area, aspect = np.log(heights * widths.astype(float)), np.log(widths / heights)
    return [
        *_odd(files, "size_outliers", "smaller or larger", odd_places(area)),
        *_odd(files, "aspect_outliers", "narrower or wider", odd_places(aspect)),
    ]


def odd_places(values: Float[np.ndarray, " n"]) -> Int[np.ndarray, " m"]:
    """Places beyond the outer fences of logarithms, the farthest first; none among fewer than 20 values.

    The fences are at least a factor of 1.5 from the quartiles.
    """
    if len(values) < LEAST:
        return np.empty(0, dtype=np.int64)
    return farthest_first(beyond_fences(values, least_spread=np.log(STRETCHED) / FENCE))


def tell_scaling(files: Listing, height: int, width: int) -> list[Finding]:
    """A note on how many files are enlarged, shrunk and stretched to height x width; nothing where all have it."""
    heights, widths = files.values(lambda header: header.height), files.values(lambda header: header.width)
    if bool((heights == height).all() and (widths == width).all()):
        return []
    factors = np.sqrt(heights * widths / (height * width))
    stretch = np.exp(np.abs(np.log(widths / heights) - np.log(width / height)))
    small, far = (heights < height) | (widths < width), stretch > STRETCHED
    low, middle, high = np.quantile(factors, [0.05, 0.5, 0.95])
    told = [f"{int(small.sum()):,} are smaller and enlarged"] if small.any() else []
    told += [f"{int(far.sum()):,} are stretched by more than {STRETCHED:g}"] if far.any() else []
    worst = np.argsort(factors, kind="stable")[: min(SHOWN, int(small.sum()))].tolist()
    return [
        Finding(
            "scaled_images",
            "note",
            f"Scaling {len(files):,} files to {height}x{width} divides their sides by {middle:.3g} (median; nine of "
            f"ten: {low:.3g} to {high:.3g}){'; ' + ', '.join(told) if told else ''}.",
            evidence={
                "n": len(files), "size": [height, width], "enlarged": int(small.sum()), "stretched": int(far.sum()),
                "factors": {"5%": low, "50%": middle, "95%": high}, "ids": files.name(worst),
            },
            fix="Choose a smaller --size, or leave files out that hold less than it." if small.sum() * 2 > len(files)
            else "Cut the pictures to one aspect first, where shape matters." if far.any() else "",
            source="the headers of the files",
        )
    ]  # fmt: skip


def _odd(files: Listing, name: str, words: str, places: np.ndarray) -> list[Finding]:
    if not len(places):
        return []
    sizes = [(files.ids[place], f"{files.headers[place].height}x{files.headers[place].width}") for place in places]
    usual = np.median([(header.height, header.width) for header in files.headers], axis=0)
    return [
        Finding(
            name,
            "note",
            f"{len(places):,} of {len(files):,} files are much {words} than the others, such as {sizes[0][0]} "
            f"({sizes[0][1]}, height x width; medians {usual[0]:g}x{usual[1]:g}).",
            evidence={"count": len(places), "n": len(files), "ids": files.name(places.tolist()),
                      "sizes": dict(sizes[:SHOWN])},
            cause="Thumbnails, whole pages or panoramas among pictures of one kind; or crops that went wrong.",
            fix="Look at these files; cut them to the subject, or leave out those that show something else.",
            source=SOURCE,
            figures=(Table(f"Files much {words} than the others", ("file", "height x width"), tuple(sizes[:SHOWN])),),
        )
    ]  # fmt: skip
