"""The table of parts in the documentation, made from the list that the command line searches."""

from __future__ import annotations

from typing import Any

from assay.cli.parts import PARTS

TABLE = "<!-- the parts -->"


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Put the rows where their mark stands."""
    return markdown.replace(TABLE, "\n".join(map(row, PARTS))) if TABLE in markdown else markdown


def row(part: Any) -> str:
    """Where one is imported from, its other names, and what it does."""
    return f"| [`{part.place}`][{part.place}] | {part.also} | {part.summary} |"
