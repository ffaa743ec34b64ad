"""All that is said about the files of a data set, and their columns of the table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.audit.files.conversions import tell_conversions
from assay.audit.files.cues import find_cues
from assay.audit.files.cut_files import find_cut_files
from assay.audit.files.deep_images import find_deep_images
from assay.audit.files.grey_ends import find_grey_ends
from assay.audit.files.listing import list_files
from assay.audit.files.mixed_modes import find_mixed_modes
from assay.audit.files.same_bytes import group_same_bytes, tell_same_bytes
from assay.audit.files.sizes import find_odd_sizes, tell_scaling
from assay.audit.files.wrong_extensions import find_wrong_extensions
from assay.data.data import Data
from assay.finding import Finding

if TYPE_CHECKING:
    import polars as pl


def inspect_files(data: Data, table: pl.DataFrame) -> list[Finding]:
    """What headers tell of all files; nothing where the examples were not read from image files.

    Args:
        table: with the columns of `add_file_columns`.
    """
    files = list_files(data)
    if files is None:
        return []
    height, width = data.specification.input_shape[1:]
    return [
        *find_wrong_extensions(files),
        *find_cut_files(files),
        *find_grey_ends(data),
        *find_mixed_modes(files),
        *tell_conversions(files),
        *find_deep_images(files, table),
        *find_odd_sizes(files),
        *tell_scaling(files, height, width),
        *find_cues(files, data.specification.classes),
        *tell_same_bytes(table),
    ]


def add_file_columns(data: Data, table: pl.DataFrame) -> pl.DataFrame:
    """The table with what the file of each row says of itself; as it is where there are no image files."""
    import polars as pl

    if data.headers is None:
        return table
    found = [data.headers.by_id.get(name) for name in table["id"].to_list()]
    columns = {
        name: [None if header is None else getattr(header, name) for header in found]
        for name in ("format", "mode", "height", "width", "orientation", "file_bytes")
    }
    same = pl.Series(group_same_bytes(table, data.headers))
    grouped = pl.when(same >= 0).then(same).alias("same_bytes_group")
    return table.with_columns(*(pl.Series(name, values) for name, values in columns.items()), grouped)
