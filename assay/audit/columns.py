"""Examples in columns, as their user knows them: those of a table, and of images what is measured of each.

All indicators of one category are one column. Of images: brightness, contrast, sharpness, the colour of the whole and
that of the border. Signals have no columns: their values have no meaning of their own, only a place in time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import accumulate

import numpy as np
from torch import Tensor

from assay.audit.names import feature_names, table_columns
from assay.audit.scan import Scan
from assay.data.data import Data

MOST_COLUMNS = 500
MEASURES = {
    "brightness": "example_mean", "contrast": "example_contrast", "sharpness": "example_sharpness",
    "colour": "example_colour", "border colour": "example_border",
}  # fmt: skip


def columns_of(
    data: Data, scans: Mapping[str, Scan], rows: Mapping[str, np.ndarray]
) -> Iterator[tuple[str, dict[str, np.ndarray]]]:
    """Each of the first 500 columns by its name: its values of shape (examples, features) in each split of `rows`.

    Inputs that are decoded on demand are not decoded again for it: of images it was measured in the scan, and columns
    of others are not asked.

    Args:
        rows: positions in the scan of each split that is wanted.
    """
    if data.specification.is_image:
        yield from _measures_of(data, scans, rows)
        return
    if len(data.specification.input_shape) > 1 or not all(scans[split].split.in_memory for split in rows):
        return
    spans = _spans(data)[:MOST_COLUMNS]
    width = max((end for _, _, end in spans), default=0)
    parts = {split: _inputs(scans[split], chosen, width) for split, chosen in rows.items()}
    for name, first, end in spans:
        yield name, {split: part[:, first:end] for split, part in parts.items()}


def _measures_of(
    data: Data, scans: Mapping[str, Scan], rows: Mapping[str, np.ndarray]
) -> Iterator[tuple[str, dict[str, np.ndarray]]]:
    """What was measured of each image; one channel has no colour, one row no border."""
    for name, measure in MEASURES.items():
        values = {split: getattr(scans[split], measure).numpy()[chosen] for split, chosen in rows.items()}
        finite = {split: np.isfinite(part) for split, part in values.items()}
        if not any(part.any() for part in finite.values()) or (name == "colour" and not _is_coloured(data)):
            continue
        # A blank image has no sharpness: it is as sharp as the least.
        least = min((float(part[finite[split]].min(initial=0.0)) for split, part in values.items()), default=0.0)
        yield name, {split: np.nan_to_num(part, nan=least).reshape(len(part), -1) for split, part in values.items()}


def _is_coloured(data: Data) -> bool:
    return data.specification.input_shape[0] == 3 and data.specification.input_shape[1] > 1


def left_out(data: Data) -> str:
    """What to say of columns that are not asked; nothing where all are."""
    count = len(_spans(data)) if len(data.specification.input_shape) == 1 else 0
    return f" (of the first {MOST_COLUMNS} of {count:,} columns)" if count > MOST_COLUMNS else ""


def sample_rows(usable: np.ndarray, most: int) -> np.ndarray:
    """At most so many of the rows for which it holds, at random and always the same: files often lie in order."""
    rows = np.flatnonzero(usable)
    return np.sort(np.random.default_rng(0).choice(rows, most, replace=False)) if len(rows) > most else rows


def _inputs(scan: Scan, rows: np.ndarray, width: int) -> np.ndarray:
    inputs = scan.split.inputs
    assert isinstance(inputs, Tensor)
    return inputs[:, :width][scan.indices[rows]].numpy()


def _spans(data: Data) -> list[tuple[str, int, int]]:
    """Name, first and end of the features of each column."""
    columns = table_columns(data.specification)
    if not columns:
        return [(name, place, place + 1) for place, name in enumerate(feature_names(data.specification))]
    ends = accumulate(column.width for column in columns)
    return [(column.name, end - column.width, end) for column, end in zip(columns, ends, strict=True)]
