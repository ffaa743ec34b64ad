"""Tables on standard output: names stay whole, and what is piped is as wide as it needs."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table

ENDLESS = 100_000
"""Columns of a terminal that nothing is too wide for."""
WORD, BORDERS = 12, 3
"""Letters that every column has room for, and what stands around each."""


def make_table(*names: str, whole: tuple[str, ...], lines: bool = False) -> Table:
    """A table with these columns; those called `whole` are never wrapped or cut, however narrow the terminal."""
    table = Table(show_lines=lines)
    for name in names:
        table.add_column(name, no_wrap=name in whole, overflow="fold")
    return table


def print_table(table: Table) -> None:
    """Print it: in a terminal in its width, or as wide as the whole names need; in a pipe without any wrapping."""
    endless = Console(width=ENDLESS)
    width = Measurement.get(endless, endless.options, table).maximum
    if sys.stdout.isatty():
        width = min(width, max(Console().width, narrowest(table)))
    Console(width=width).print(table, crop=False)


def narrowest(table: Table) -> int:
    """The least width in which no name is cut and the other columns hold a few letters a line."""
    endless = Console(width=ENDLESS)
    widths = [
        max(Measurement.get(endless, endless.options, cell).maximum for cell in (column.header, *column.cells))
        if column.no_wrap
        else WORD
        for column in table.columns
    ]
    return sum(widths) + BORDERS * len(widths) + 1
