"""Which drawing belongs to which kind of figure, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from assay.figure import (
    Bars,
    Figure,
    Forest,
    Images,
    Lines,
    Matrix,
    Parallel,
    Pareto,
    Passage,
    Shares,
    Slices,
    Surface,
    Table,
)
from assay.report.figures.bars import draw_bars
from assay.report.figures.forest import draw_forest
from assay.report.figures.lines import draw_lines, note_of_lines
from assay.report.figures.matrix import draw_matrix, note_of_matrix
from assay.report.figures.numbers import plain
from assay.report.figures.parallel import describe_parallel, draw_parallel, note_of_parallel
from assay.report.figures.pareto import describe_pareto, draw_pareto, note_of_pareto
from assay.report.figures.passage import passage_html
from assay.report.figures.shares import describe_shares, draw_shares
from assay.report.figures.slices import describe_slices, draw_slices, note_of_slices
from assay.report.figures.surface import describe_surface, draw_surface, note_of_surface
from assay.report.markup import images_html
from assay.report.tables import table_html

DRAWINGS: Mapping[type, Callable[[Any], dict[str, Any] | str]] = {
    Lines: draw_lines, Bars: draw_bars, Forest: draw_forest, Matrix: draw_matrix, Images: images_html,
    Table: table_html, Passage: passage_html, Pareto: draw_pareto, Parallel: draw_parallel, Slices: draw_slices,
    Surface: draw_surface, Shares: draw_shares,
}  # fmt: skip
WORDS: Mapping[type, Callable[[Any], str]] = {
    Pareto: describe_pareto, Parallel: describe_parallel, Slices: describe_slices, Surface: describe_surface,
    Shares: describe_shares,
}  # fmt: skip
NOTES: Mapping[type, Callable[[Any], str]] = {
    Lines: note_of_lines, Matrix: note_of_matrix, Pareto: note_of_pareto, Parallel: note_of_parallel,
    Slices: note_of_slices, Surface: note_of_surface,
}  # fmt: skip


def draw(figure: Figure) -> dict[str, Any] | str:
    """A Plotly figure as a dictionary, or HTML that is safe to place as it is."""
    return DRAWINGS[type(figure)](figure)


def note_of(figure: Figure) -> str:
    """What stands below the figure for all to read: how it was made; empty where it speaks for itself."""
    return NOTES[type(figure)](figure) if type(figure) in NOTES else ""


def describe(figure: Figure) -> str:
    """What a reader who cannot see the chart hears in its place."""
    if isinstance(figure, Lines):
        names = ", ".join(series.name for series in figure.series)
        return f"Line chart: {figure.title}. {figure.y_label} against {figure.x_label} for {names}."
    if isinstance(figure, Bars):
        pairs = zip(figure.labels[:20], figure.values[:20], strict=True)
        return f"Bar chart: {figure.title}. " + ", ".join(f"{name} {plain(value)}" for name, value in pairs)
    if isinstance(figure, Forest):
        told = (f"{r.label} {plain(r.estimate)} [{plain(r.low)}, {plain(r.high)}]" for r in figure.rows)
        return f"Forest plot: {figure.title}. " + ", ".join(told)
    if type(figure) in WORDS:
        return WORDS[type(figure)](figure)
    return f"{type(figure).__name__}: {figure.title}"
