"""What tests in a browser share: chromium, and pages whose every error is kept."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
PATIENCE_MILLISECONDS = 60_000
"""Nothing is timed: a busy machine must not fail a test."""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A browser for all tests of a file."""
    playwright = pytest.importorskip("playwright.sync_api")
    path = next(filter(None, map(shutil.which, CHROMIUMS)))
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


@pytest.fixture
def visit(chromium: Any) -> Iterator[Callable[..., Any]]:
    """Open an address in a browser of one's own; `page.problems` are the errors that it wrote down."""
    playwright = pytest.importorskip("playwright.sync_api")
    playwright.expect.set_options(timeout=PATIENCE_MILLISECONDS)
    contexts = list[Any]()

    def visit(address: str, *, reviewer: str = "", dark: bool = False, width: int = 1280, height: int = 800) -> Any:
        context = chromium.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce",
                                       color_scheme="dark" if dark else "light")  # fmt: skip
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MILLISECONDS)
        if reviewer:
            context.add_cookies([{"name": "assay-reviewer", "value": reviewer, "url": address}])
        page = context.new_page()
        page.problems = []
        page.on("pageerror", lambda error: page.problems.append(str(error)))
        # A question that a newer one takes the place of is broken off, which htmx writes down as an error.
        page.on("console", lambda said: page.problems.append(said.text)
                if said.type == "error" and "htmx:" not in said.text else None)  # fmt: skip
        page.goto(address)
        return page

    yield visit
    for context in contexts:
        context.close()
