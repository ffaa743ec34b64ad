"""A report of one figure alone, open in a real browser at a window's width."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from assay.figure import Figure
from assay.finding import Finding, Report
from assay.report.page import write_html
from assay.report.story import RunStory, StageStory


def page_with(browser: Any, story: RunStory, figure: Figure, folder: Path, width: int) -> Any:
    report = Report("ablate", (Finding("f", "note", "told", figures=(figure,)),), (), 1.0)
    stage = StageStory("ablate", "Regularise", "Which tricks pay?", "done", 1.0, report)
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(write_html(replace(story, stages=(stage,), tricks=()), folder / "report.html").as_uri())
    return page
