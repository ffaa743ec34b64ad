"""Files of 16 bits a channel: what is cut to 8, and whether anything is left of it.

Cameras and scanners store 10, 12 or 14 bits in 16. Cut to the upper 8 bits, such a picture keeps 2, 4 or 6 and is black
to the eye.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from assay.audit.files.listing import Listing
from assay.finding import Finding

if TYPE_CHECKING:
    import polars as pl

DARK = 63  # what is left of 14 bits; of 16 bits that are used, the brightest pixel lies above it


def find_deep_images(files: Listing, table: pl.DataFrame) -> list[Finding]:
    """A note; `suspect` where most of these pictures are nearly black once they are cut.

    Args:
        table: with `id` and `high` of what was read.
    """
    import polars as pl

    deep = files.where(lambda header: header.bits > 8)
    if not deep:
        return []
    names = [files.ids[place] for place in deep]
    high = table.filter(pl.col("id").is_in(names))["high"].to_numpy()
    middle = float(np.median(high)) if len(high) else float("nan")
    dark = middle <= DARK
    words = f"; their brightest pixels are then {middle:g} of 255 (median)" if dark else ""
    return [
        Finding(
            "deep_images",
            "suspect" if dark else "note",
            f"{len(deep):,} of {len(files):,} files hold 16 bits a channel and were cut to their upper 8{words}, such "
            f"as {names[0]}.",
            evidence={"count": len(deep), "n": len(files), "brightest": None if np.isnan(middle) else middle,
                      "ids": names[:20]},
            cause="Fewer than 16 bits were used, so that the upper ones are nearly all 0." if dark
            else "Scientific, medical and raw pictures are often stored so.",
            fix=("" if dark else "If the lower bits matter: ")
            + "scale the range that is used to 0..255 first, or give arrays of floats (.npz).",
            source="the headers of the files",
        )
    ]  # fmt: skip
