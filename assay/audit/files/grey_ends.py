"""JPEG files whose lower part was never there: it decodes to one exact grey.

    cut: the square in the lower right corner is 128 in every pixel and channel, and that in the upper left is not

A side of the squares is a sixteenth of the picture's shorter side, and 4 pixels, half a block, at least.

A reader that meets the end of the data, or of what a repair left of it, fills what is missing of a baseline JPEG file
with blocks of zeros, which are this grey. Progressive files get coarser instead: see `assay.data.reading.scans`.

Source: ITU T.81; libjpeg, jdhuff.c (blocks without data stay zero).
"""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from assay.audit.counts import splits_of
from assay.data.data import Data
from assay.figure import Images, encode_png
from assay.finding import Finding

GREY, CORNER, LEAST_CORNER = 128, 1 / 16, 4
SHOWN, NAMED = 16, 20
CHUNK = 1024


def find_grey_ends(data: Data) -> list[Finding]:
    """`suspect` with the pictures, the most of which is missing first; of what is held in memory."""
    if data.headers is None:
        return []
    shares, pictures, n = dict[str, float](), dict[str, Tensor](), 0
    for split in splits_of(data).values():
        if not isinstance(split.inputs, Tensor) or split.inputs.dtype != torch.uint8:
            continue
        n += len(split)
        missing = np.concatenate([missing_share(chunk).numpy() for chunk in split.inputs.split(CHUNK)] or [[]])
        for place in np.flatnonzero(missing).tolist():
            header = data.headers.by_id.get(split.ids[place])
            if header is not None and header.format in ("JPEG", "MPO"):
                shares[split.ids[place]] = float(missing[place])
                pictures[split.ids[place]] = split.inputs[place]
    return [_finding(shares, pictures, n)] if shares else []


def missing_share(images: UInt8[Tensor, "batch channels height width"]) -> Float[Tensor, " batch"]:
    """Of all pixels, the share of this grey, where a picture is cut; else 0."""
    side = max(LEAST_CORNER, int(CORNER * min(images.shape[2:])))
    grey = (images == GREY).all(dim=1)
    is_cut = grey[:, -side:, -side:].all(dim=(1, 2)) & ~grey[:, :side, :side].all(dim=(1, 2))
    return grey.float().mean(dim=(1, 2)).where(is_cut, 0.0)


def _finding(shares: dict[str, float], pictures: dict[str, Tensor], n: int) -> Finding:
    ids = sorted(shares, key=lambda name: -shares[name])
    shown = ids[:SHOWN]
    captions = tuple(f"{shares[name]:.0%} missing\n{name}" for name in shown)
    return Finding(
        "grey_ends",
        "suspect",
        f"{len(ids):,} of {n:,} pictures end in plain grey, as JPEG files do whose data ends too early: up to "
        f"{shares[ids[0]]:.0%} is missing, such as in {ids[0]}.",
        evidence={
            "count": len(ids),
            "n": n,
            "ids": ids[:NAMED],
            "shares": {name: shares[name] for name in ids[:NAMED]},
        },
        cause="A download or copy that was cut short and closed by a repair, or damage in the middle of the file.",
        fix="Fetch or copy these files again, or leave them out.",
        source="ITU T.81; libjpeg, jdhuff.c",
        figures=(Images("Pictures that end in grey", tuple(encode_png(pictures[name]) for name in shown), captions),),
    )
