"""How a command shows one report: text, JSON, and on request a page."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from assay.errors import InputError
from assay.finding import Report
from assay.report.story import RunStory

HEAD_BYTES = 16_384
TITLE_END = " – Assay</title>".encode()


def check_page(page: Path, source: str) -> None:
    """Refuse to write the page where it would destroy something, or could not be written; before any work.

    Raises:
        InputError: the page is the source, a file that is no page of Assay's, a folder, or has no folder to lie in.
    """
    if Path(source).expanduser().exists() and page.resolve() == Path(source).expanduser().resolve():
        raise InputError(f"--page {page}: this is the SOURCE itself; name another file")
    if page.is_dir():
        raise InputError(f"--page {page}: this is a folder; name a file in it, such as {page / 'page.html'}")
    if not page.parent.is_dir():
        raise InputError(f"--page {page}: there is no folder {page.parent}; make it, or name another file")
    try:
        if page.exists() and not is_own_page(page):
            raise InputError(f"--page {page}: this file is there and is no page of Assay's; name another file")
        with tempfile.TemporaryFile(dir=page.parent):
            pass
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError(f"--page {page}: cannot be written ({reason}); name another file") from error


def is_own_page(path: Path) -> bool:
    """Whether a file begins as the pages that Assay writes."""
    with path.open("rb") as file:
        start = file.read(HEAD_BYTES)
    return start.lstrip().lower().startswith(b"<!doctype html>") and TITLE_END in start


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
