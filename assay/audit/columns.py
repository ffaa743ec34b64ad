"""Examples in columns, as their user knows them: those of a table, and of images what is measured of each.

All indicators of one category are one column. Of images: brightness, contrast and sharpness.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from assay.audit.names import feature_names
from assay.audit.scan import Scan
from assay.data.data import Data
from assay.data.encoders import TableEncoder

MOST_COLUMNS = 500
MEASURES = {"brightness": "example_mean", "contrast": "example_contrast", "sharpness": "example_sharpness"}


def columns_of(
    data: Data, scans: Mapping[str, Scan], rows: Mapping[str, np.ndarray]
) -> Iterator[tuple[str, dict[str, np.ndarray]]]:
    """Each of the first 500 columns by its name: its values of shape (examples, features) in each split of `rows`.

    Args:
        rows: positions in the scan of each split that is wanted.
    """
    if data.specification.is_image:
        for name, measure in MEASURES.items():
            values = {split: getattr(scans[split], measure).numpy()[chosen] for split, chosen in rows.items()}
            if all(np.isfinite(part).all() for part in values.values()):
                yield name, {split: part[:, None] for split, part in values.items()}
        return
    parts = {split: _inputs(scans[split], chosen) for split, chosen in rows.items()}
    for name, first, end in _spans(data)[:MOST_COLUMNS]:
        yield name, {split: part[:, first:end] for split, part in parts.items()}


def sample_rows(usable: np.ndarray, most: int) -> np.ndarray:
    """At most so many of the rows for which it holds, at random and always the same: files often lie in order."""
    rows = np.flatnonzero(usable)
    return np.sort(np.random.default_rng(0).choice(rows, most, replace=False)) if len(rows) > most else rows


def _inputs(scan: Scan, rows: np.ndarray) -> np.ndarray:
    return scan.split.gather(scan.indices[rows]).flatten(1).numpy()


def _spans(data: Data) -> list[tuple[str, int, int]]:
    """Name, first and end of the features of each column."""
    encoder, names = data.specification.encoder, feature_names(data.specification)
    if not isinstance(encoder, TableEncoder):
        return [(name, place, place + 1) for place, name in enumerate(names)]
    widths = [1 if column.is_number else len(column.categories) for column in encoder.columns]
    ends = np.cumsum(widths).tolist()
    triples = zip(encoder.columns, widths, ends, strict=True)
    return [(column.name, end - width, end) for column, width, end in triples]
