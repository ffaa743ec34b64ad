"""Findings and runs for readers: a page, a terminal, a JSON file, all from the same values."""

from assay.report.page import render_html, write_html
from assay.report.story import Baseline, DataSummary, RunStory, Score, StageStory, TrickRow
from assay.report.summary import summarize, write_summary
from assay.report.terminal import render_terminal

__all__ = [
    "Baseline", "DataSummary", "RunStory", "Score", "StageStory", "TrickRow",
    "render_html", "render_terminal", "summarize", "write_html", "write_summary",
]  # fmt: skip
