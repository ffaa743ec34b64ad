"""How a command shows one report: text, JSON, and on request a page."""

from __future__ import annotations

import json
from pathlib import Path

from assay.report.story import RunStory


def print_stage(story: RunStory, *, as_json: bool = False, page: Path | None = None) -> None:
    """Print one stage's findings to standard output; pictures and curves go to the page."""
    from rich.console import Console

    from assay.report import render_terminal, write_html

    report = story.stages[0].report
    if page is not None:
        write_html(story, page)
    if as_json:
        plain = report.to_dict()
        for finding in plain["findings"]:
            finding.pop("figures")
        print(json.dumps(plain, indent=2))
    else:
        render_terminal(report, Console())
