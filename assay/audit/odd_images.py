"""Images unlike the others: dark, bright, flat or blurred.

    odd: brightness, contrast or sharpness lies beyond the outer fences, Q1 - 3 (Q3 - Q1) or Q3 + 3 (Q3 - Q1)

Contrast and sharpness are of one tail: too flat, too blurred; as sizes they are compared as logarithms. The brightness
of bytes has two ends, and is compared as log odds.

Source: Tukey 1977, Exploratory Data Analysis, section 2 (outer fences).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from assay.audit.fences import above_fence, farthest_first
from assay.audit.scan import Scan
from assay.audit.signals.kind import is_signal
from assay.data.data import Data
from assay.figure import Images, encode_png
from assay.finding import Finding

if TYPE_CHECKING:
    import polars as pl

SHOWN, NAMED, LEAST = 16, 20, 20
SOURCE = "Tukey 1977, Exploratory Data Analysis, section 2"
LEAST_SPREAD = 0.05  # below it all are alike, and a trifle would be far


@dataclass(frozen=True)
class Oddity:
    """One way of lying far from the others, in one column of the table."""

    name: str
    column: str
    is_low: bool
    word: str


ODDITIES = (
    Oddity("dark_images", "brightness", True, "darker"),
    Oddity("bright_images", "brightness", False, "brighter"),
    Oddity("flat_images", "contrast", True, "flatter"),
    Oddity("blurred_images", "sharpness", True, "less sharp"),
)


def find_odd_images(data: Data, scans: Mapping[str, Scan], table: pl.DataFrame) -> list[Finding]:
    """Notes on what lies far from the others; blank images are told of by `assay.audit.statistics`.

    Args:
        table: of all scans, with brightness, contrast and sharpness (`assay.audit.example_table`).
    """
    if not data.specification.is_image or is_signal(data.specification) or len(table) < LEAST:
        return []
    low, high = table["low"].to_numpy(), table["high"].to_numpy()
    usable = (low < high) & (table["non_finite"].to_numpy() == 0)
    is_bytes = bool((low[usable] >= 0).all() and (high[usable] <= 255).all() and (high[usable] > 1).any())
    far = [(oddity, _outside(table[oddity.column].to_numpy(), usable, oddity, is_bytes)) for oddity in ODDITIES]
    return [_odd(table, rows, usual, scans, oddity) for oddity, (rows, usual) in far if len(rows)]


def _outside(
    values: np.ndarray, usable: np.ndarray, oddity: Oddity, is_bytes: bool
) -> tuple[np.ndarray, tuple[float, float]]:
    """Rows beyond the fence, the farthest first, and the values between which half of all lie."""
    usable = usable & np.isfinite(values)
    if usable.sum() < LEAST:
        return np.empty(0, dtype=np.int64), (0.0, 0.0)
    scaled = _opened(values, oddity, is_bytes)
    least = 0.0 if scaled is values else LEAST_SPREAD
    far = above_fence(-scaled if oddity.is_low else scaled, usable, least_spread=least)
    usual = np.quantile(values[usable], [0.25, 0.75]).tolist()
    return farthest_first(far), (usual[0], usual[1])


def _opened(values: np.ndarray, oddity: Oddity, is_bytes: bool) -> np.ndarray:
    """On a scale without ends: sizes as logarithms, the brightness of bytes as log odds; other numbers stay."""
    if oddity.column != "brightness":
        return np.log(np.maximum(values, np.finfo(float).tiny))
    if not is_bytes:
        return values
    share = (np.clip(values, 0, 255) + 0.5) / 256
    return np.log(share / (1 - share))


def _odd(
    table: pl.DataFrame, rows: np.ndarray, usual: tuple[float, float], scans: Mapping[str, Scan], oddity: Oddity
) -> Finding:
    values = table[oddity.column].to_numpy()[rows]
    return Finding(
        oddity.name,
        "note",
        f"{len(rows):,} of {len(table):,} images are much {oddity.word} than the others: {oddity.column} "
        f"{_range(values.min(), values.max())}, of half of all {_range(*usual)}.",
        {"count": len(rows), "n": len(table), "ids": _ids(table, rows)},
        cause="Another exposure, camera or focus; a broken file; or rare but right.",
        fix="Look at these images, worst first: do they still show what their label says?",
        source=SOURCE,
        figures=_images(f"Images much {oddity.word} than the others", table, rows, scans),
    )


def _range(low: float, high: float) -> str:
    """One number where both are written alike."""
    return " to ".join(dict.fromkeys(f"{value:.4g}" for value in (low, high)))


def _ids(table: pl.DataFrame, rows: np.ndarray) -> list[str]:
    return table["id"].gather(rows[:NAMED].tolist()).to_list()


def _images(title: str, table: pl.DataFrame, rows: np.ndarray, scans: Mapping[str, Scan]) -> tuple[Images, ...]:
    first = dict(zip(scans, np.cumsum([0, *(len(scan) for scan in scans.values())]).tolist(), strict=False))
    pngs, captions = [], []
    for row in rows[:SHOWN].tolist():
        split, name, label = (table[column][row] for column in ("split", "id", "label"))
        scan = scans[split]
        pngs.append(encode_png(scan.split.gather(scan.indices[row - first[split]].reshape(1))[0]))
        captions.append(f"{label}\n{name}")
    return (Images(title, tuple(pngs), tuple(captions)),) if pngs else ()
