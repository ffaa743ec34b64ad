"""How a command shows one report: text, JSON, and on request a page."""

from __future__ import annotations

import json
from pathlib import Path

from assay.finding import Report
from assay.report.story import RunStory


def print_stage(story: RunStory, *, as_json: bool = False, page: Path | None = None) -> None:
    """Print one stage's findings to standard output; pictures and curves go to the page."""
    from assay.report import write_html

    if page is not None:
        write_html(story, page)
    print_report(story.stages[0].report, as_json=as_json)


def print_report(report: Report, *, as_json: bool) -> None:
    """As text in a terminal's width, or as JSON without figures."""
    from rich.console import Console

    from assay.report import render_terminal

    if as_json:
        plain = report.to_dict()
        for finding in plain["findings"]:
            finding.pop("figures")
        print(json.dumps(plain, indent=2))
    else:
        render_terminal(report, Console())
