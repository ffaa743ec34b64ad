"""The table of an audit: a row for each example that was read, in the order of the splits.

id              where it comes from: a file, a row
split           train, validation or test
label           name of its class, or its value
digest          of its inputs and texts: equal ones give equal numbers
duplicate_group number of the group of equal inputs it belongs to; empty where it has no equal
equal_by_chance whether that group has examples of train and test that may be equal by chance; only where some may
mean, low, high over its finite values, in raw units; `brightness` instead of mean for images; none beside texts
non_finite      how many of its values are nan or infinite
contrast, sharpness of images: see `assay.audit.image_measures`
deviation, clipped, dead_channels of signals: the first over all values; see `assay.audit.signals.measures`

Of examples that were read from image files (`assay.data.reading.headers`):

format, mode, height, width, orientation, file_bytes of the file, before it was made what the network takes
same_bytes_group number of the group of files that are equal byte for byte; empty where a file has no equal

Of tables with a column of running text, after the name of the column:

_characters, _words, _unknown_words of the text; unknown is what does not stand in the training split
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from torch import Tensor

from assay.audit.duplicates import equal_by_chance
from assay.audit.equal_groups import EqualGroups
from assay.audit.files.inspect_files import add_file_columns
from assay.audit.names import label_of
from assay.audit.scan import Scan
from assay.audit.signals.kind import is_signal
from assay.audit.texts.inspect_texts import add_text_columns
from assay.data.data import Data
from assay.data.specification import Specification

if TYPE_CHECKING:
    import polars as pl


def make_table(data: Data, equals: EqualGroups) -> pl.DataFrame:
    """One table of all scans."""
    import polars as pl

    specification = data.specification
    pairs = zip(equals.names, equals.scans, strict=True)
    table = pl.concat([_rows(name, scan, specification) for name, scan in pairs])
    if data.texts is not None:
        # A mean of other columns and the lengths of texts says nothing.
        table = table.drop("mean", "low", "high")
    table = add_groups(table, "duplicate_group", equals.group)
    by_chance = equal_by_chance(data, equals)
    if by_chance.any():
        table = table.with_columns(pl.Series("equal_by_chance", by_chance))
    return add_text_columns(data, add_file_columns(data, table))


def add_groups(table: pl.DataFrame, name: str, group: np.ndarray) -> pl.DataFrame:
    """The table with the number of the group of each row, empty where a row is alone in its."""
    import polars as pl

    _, inverse, counts = np.unique(group, return_inverse=True, return_counts=True)
    numbers, has_others = pl.Series(group.astype(np.int64)), pl.Series(counts[inverse.reshape(-1)] > 1)
    return table.with_columns(pl.when(has_others).then(numbers).alias(name))


def _rows(name: str, scan: Scan, specification: Specification) -> pl.DataFrame:
    import polars as pl

    signal = is_signal(specification)
    is_image = specification.is_image and not signal
    columns = {
        "id": [scan.split.ids[index] for index in scan.indices.tolist()],
        "split": pl.repeat(name, len(scan), eager=True, dtype=pl.String),
        "label": _labels(scan.targets, specification),
        "digest": scan.digests,
        "brightness" if is_image else "mean": scan.example_mean.numpy(),
        "low": scan.example_low.numpy(),
        "high": scan.example_high.numpy(),
        "non_finite": scan.non_finite.numpy(),
    }
    if is_image:
        columns |= {"contrast": scan.example_contrast.numpy(), "sharpness": scan.example_sharpness.numpy()}
    if signal:
        clipped, dead, _ = scan.example_signal.T
        columns |= {
            "deviation": scan.example_contrast.numpy(),
            "clipped": clipped.numpy(),
            "dead_channels": dead.int().numpy(),
        }
    return pl.DataFrame(columns)


def _labels(targets: Tensor, specification: Specification) -> list[str] | list[float]:
    """Names of classes; a class without a name, as from a wrong label, by its number."""
    if specification.task == "regression":
        return targets.double().tolist()
    return [label_of(specification, label) for label in targets.tolist()]
