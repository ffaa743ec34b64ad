"""Images too small to be pictures: most often thumbnails of placeholders, or a size that went wrong."""

from __future__ import annotations

from assay.data.data import Data
from assay.finding import Finding

LEAST_SIDE = 4
"""Two halvings of resolution, as the smallest of the networks here makes, leave one pixel of four."""


def check_image_size(data: Data) -> list[Finding]:
    """`suspect` when images have fewer than 4 pixels a side; one row may be a signal."""
    if not data.specification.is_image:
        return []
    height, width = data.specification.input_shape[1:]
    is_signal = height == 1 and width >= LEAST_SIDE
    if is_signal or min(height, width) >= LEAST_SIDE:
        return []
    return [
        Finding(
            "tiny_images",
            "suspect",
            f"Images are {height}x{width} (height x width): with fewer than {LEAST_SIDE} pixels a side there is next "
            "to nothing to see, and networks that halve the resolution cannot work on them.",
            evidence={"height": height, "width": width, "limit": LEAST_SIDE},
            cause="Placeholders instead of pictures, a wrong --size, or a table in the form of images.",
            fix="Give the pictures at their full size; numbers that are no picture belong in a table or a 2-d array.",
            source="the limit of 4 pixels is this audit's own",
        )
    ]
