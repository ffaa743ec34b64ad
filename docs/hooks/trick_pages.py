"""A page for every trick, made from its card while the documentation is built, and the table that leads to them."""

from __future__ import annotations

import inspect
from itertools import groupby
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel

from assay.tricks.card import Card, card
from assay.tricks.catalog import TRICKS

TABLE = "<!-- the table of tricks -->"

PART = """
::: {module}.{name}
    options:
      show_root_heading: true
      show_root_full_path: false
      show_source: true
      heading_level: 2
"""
FACTS = {"Also": "also", "Ends": "ends", "Source": "source", "Published": "published", "Hurts": "hurts"}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages; the table links to them, the navigation does not."""
    for kind in TRICKS:
        found = card(kind)
        page = File.generated(config, address(found), content=page_of(kind), inclusion=InclusionLevel.NOT_IN_NAV)
        files.append(page)
    return files


def page_of(kind: type) -> str:
    """The card, then the trick and the pure functions behind it."""
    found, module = card(kind), inspect.getmodule(kind)
    title, summary = title_and_summary(found)
    facts = "\n".join(f"- **{label}:** {getattr(found, name)}" for label, name in FACTS.items() if getattr(found, name))
    own = [name for name, value in vars(module).items()
           if not name.startswith("_") and name != kind.__name__ and getattr(value, "__module__", "") == kind.__module__
           and (inspect.isfunction(value) or inspect.isclass(value))]  # fmt: skip
    parts = "".join(PART.format(module=kind.__module__, name=name) for name in (kind.__name__, *own))
    return f"# {title}\n\n{summary}\n\n{found.body}\n\n{written(found)}\n{facts}\n- **Slot:** `{found.slot}`\n{parts}"


def written(found: Card) -> str:
    """How one writes it, and what its arguments mean."""
    rows = [
        f"| `{one.name}` | `{one.default}` | {one.meaning.replace('|', chr(92) + '|')} |" for one in found.arguments
    ]
    table = ["", "| argument | default | meaning |", "|---|---|---|", *rows] if rows else []
    return "\n".join(["```python", found.expression, "```", *table, ""])


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Put the table where its mark stands."""
    return markdown.replace(TABLE, table()) if TABLE in markdown else markdown


def table() -> str:
    """A table for each slot."""
    pieces = list[str]()
    for slot, cards in groupby((card(kind) for kind in TRICKS), key=lambda found: found.slot):
        pieces += [f"## {slot.capitalize()}\n", "| trick | what it does | published | hurts |", "|---|---|---|---|"]
        for found in cards:
            title, summary = title_and_summary(found)
            cells = (f"[{title}]({address(found)})", summary, found.published, found.hurts)
            pieces.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
        pieces.append("")
    return "\n".join(pieces)


def title_and_summary(found: Card) -> tuple[str, str]:
    """The two halves of a card's first line."""
    title, _, summary = found.summary.partition(": ")
    return title, summary[:1].upper() + summary[1:]


def address(found: Card) -> str:
    """Where its page lies."""
    return f"tricks/{found.slot}/{found.name}.md"
