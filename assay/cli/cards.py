"""Cards of tricks as text: all in a table, or one whole."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from assay.cli.tables import make_table, print_table
from assay.report.worth import Worth
from assay.tricks.card import Card


def print_cards(cards: Sequence[Card]) -> None:
    """A row a trick, a section a slot."""
    table = make_table("slot", "trick", "what it does", "published", "hurts", whole=("slot", "trick"))
    for slot, group in groupby(cards, key=lambda card: card.slot):
        for card in group:
            table.add_row(slot, card.name, card.summary.partition(": ")[2], card.published, card.hurts)
        table.add_section()
    print_table(table)


def tell(found: Card, here: Sequence[Worth] = ()) -> str:
    """The whole card as text."""
    facts = {
        "Also": found.also,
        "Ends": found.ends,
        "Source": found.source,
        "Measured": found.published,
        "Hurts": found.hurts,
    }
    told = [f"{name}: {fact}" for name, fact in facts.items() if fact]
    worth = ["", "Here:", *(f"  {one.sentence}" for one in here)] if here else []
    written = [f"Write: {found.expression}", *tell_arguments(found), ""]
    return "\n".join([found.summary, "", *([found.body, ""] if found.body else []), *written, *told, *worth])


def tell_arguments(found: Card) -> list[str]:
    """A line for each argument: its default and what it means."""
    heads = [f"{one.name}={one.default}" for one in found.arguments]
    width = max(map(len, heads), default=0)
    return [f"  {head:{width}}  {one.meaning}" for head, one in zip(heads, found.arguments, strict=True)]
