"""Each kind of figure as a drawing, one kind a file: Plotly dictionaries for charts, HTML for pictures and tables.

Colours are names of the page's CSS variables (`var(--ink)`); its script puts the colours of the
light or dark theme in, so that a page follows its reader. Labels sit at numbered positions: Plotly
would merge equal labels, and read the class names "1" and "10" as numbers.
"""

from assay.report.figures.drawing import describe, draw, note_of
from assay.report.figures.forest import verdict_kind

__all__ = ["describe", "draw", "note_of", "verdict_kind"]
