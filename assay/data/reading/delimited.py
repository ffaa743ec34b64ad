"""CSV and TSV as text: how its cells are separated, and rows that have too many of them."""

from __future__ import annotations

import csv
from pathlib import Path

from assay.errors import InputError


def find_separator(path: Path) -> str:
    """A comma, unless the header has none but has semicolons or tabs.

    Raises:
        InputError: the header is not UTF-8.
    """
    header = read_header_line(path)
    return next((sign for sign in (",", ";", "\t") if sign in header), ",")


def read_names(path: Path, separator: str) -> list[str]:
    """The names in the header as they are meant, without quotes around them; none where they cannot be told."""
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        try:
            return next(csv.reader(file, delimiter=separator), [])
        except csv.Error:
            return []


def check_ragged(path: Path) -> None:
    """Name the first row of a text file with more cells than its header, if there is one.

    Raises:
        InputError: names the row and both numbers.
    """
    if path.suffix.lower() in (".parquet", ".pq"):
        return
    separator = find_separator(path)
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        rows = csv.reader(file, delimiter=separator)
        width = len(next(rows, []))
        for number, row in enumerate(rows, start=1):
            if len(row) > width:
                raise InputError(
                    f"{path}: row {number} has {len(row)} cells, the header has {width}; mend the row, and put "
                    "quotes around a cell that holds the separator"
                )


def read_header_line(path: Path) -> str:
    """The first line of a text file.

    Raises:
        InputError: it is not UTF-8; UTF-16, which spreadsheets like to write, is named.
    """
    with path.open("rb") as file:
        header = file.readline()
    if header.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in header:
        raise InputError(f"{path}: is not UTF-8 but UTF-16, or no text at all; save it again as UTF-8 CSV or Parquet")
    try:
        return header.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        byte = f"byte 0x{header[error.start]:02x} at position {error.start}"
        raise InputError(f"{path}: the header is not UTF-8 ({byte}); save it again as UTF-8 CSV or Parquet") from error
