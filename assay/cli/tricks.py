"""`assay tricks [NAME]`: the catalogue, or one trick's card."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from assay.cli import options

if TYPE_CHECKING:
    from assay.tricks.card import Card


def tricks(
    name: Annotated[str | None, typer.Argument(help="A trick, to read its card.", show_default=False)] = None,
    json: options.Json = False,
) -> None:
    """List the tricks, or show one card: formula, source, published effect, when it hurts."""
    import json as json_module
    from dataclasses import asdict

    from rich.console import Console
    from rich.table import Table

    from assay.tricks.card import card
    from assay.tricks.catalog import TRICKS, find_trick

    if name is not None:
        found = card(find_trick(name))
        print(json_module.dumps(asdict(found), indent=2) if json else tell(found))
        return
    cards = [card(kind) for kind in TRICKS]
    if json:
        print(json_module.dumps([asdict(found) for found in cards], indent=2))
        return
    table = Table("trick", "slot", "what it does", "published")
    for found in cards:
        table.add_row(found.name, found.slot, found.summary, found.published)
    Console().print(table)


def tell(found: Card) -> str:
    """The whole card as text."""
    facts = {"Ends": found.ends, "Source": found.source, "Measured": found.published, "Hurts": found.hurts}
    told = [f"{name}: {fact}" for name, fact in facts.items() if fact]
    return "\n".join([found.summary, "", *([found.body, ""] if found.body else []), *told])
