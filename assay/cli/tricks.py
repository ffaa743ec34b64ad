"""`assay tricks`: the catalogue, filtered; `assay tricks show NAME`: one trick's card, and what it was worth here."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assay.cli import options
from assay.errors import InputError

if TYPE_CHECKING:
    from assay.tricks.card import Card

Words = Annotated[
    list[str] | None,
    typer.Argument(help="Words that a card must hold; or `show NAME` for one card.", show_default=False),
]
Slot = Annotated[str | None, typer.Option(help="Only tricks that act in this place: batch, schedule, ...")]


NOTHING_FOUND = 1
"""Exit code of a search without a result, as grep has it."""

Runs = Annotated[
    Path, typer.Option(help="Folder in and below which `show` looks for finished runs and ablations.", metavar="DIR")
]


def tricks(words: Words = None, slot: Slot = None, runs: Runs = Path(), json: options.Json = False) -> None:
    """List the tricks, or show one card: formula, source, published effect, when it hurts, its worth here."""
    import json as json_module
    from dataclasses import asdict

    from assay.cli.cards import print_cards
    from assay.cli.parts import find_parts, tell_parts
    from assay.tricks.card import card
    from assay.tricks.catalog import TRICKS

    words = words or []
    if words[:1] == ["show"]:
        show(words[1:], runs, as_json=json)
        return
    cards = choose([card(kind) for kind in TRICKS], slot, words)
    parts = [] if slot else find_parts(words)
    if json:
        print(json_module.dumps([asdict(found) for found in cards], indent=2))
    elif cards:
        print_cards(cards)
    if parts:
        print(tell_parts(parts), file=sys.stderr if json else sys.stdout)
    if not cards and not parts:
        print(f"assay: {tell_nothing(words, slot)}", file=sys.stderr)
        raise typer.Exit(NOTHING_FOUND)


def tell_nothing(words: Sequence[str], slot: str | None) -> str:
    """Why nothing was found, and what may have been meant: a near command, trick or part."""
    from assay.cli.parts import PARTS
    from assay.tricks.card import card
    from assay.tricks.catalog import TRICKS
    from assay.tricks.spelling import condense

    what = f"no card{f' of the slot {slot}' if slot else ''} holds {' and '.join(map(repr, words))}"
    if len(words) > 1 and difflib.get_close_matches(words[0].lower(), ["show"]):
        return f"{what}; did you mean `assay tricks show {' '.join(words[1:])}`?"
    if slot:
        return f"{what}; leave --slot out, or try another word"
    names = [name for part in PARTS for name in part.names]
    names += [name for kind in TRICKS for name in reversed(card(kind).names)]
    called = {condense(word): word for name in names for word in (*name.split(), name)}
    near = [close for word in words for close in difflib.get_close_matches(condense(word), called, n=1, cutoff=0.7)]
    return f"{what}; {f'did you mean {called[near[0]]}?' if near else 'leave a word out, or try another'}"


def show(names: Sequence[str], runs: Path, *, as_json: bool) -> None:
    """Print one trick's card, or what a part that is no trick does.

    Raises:
        InputError: not one name, no such trick, or `runs` is no folder.
    """
    import json
    from dataclasses import asdict

    from assay.cli.cards import tell
    from assay.cli.parts import describe_part, find_part, tell_part
    from assay.cli.worth_here import find_worth
    from assay.tricks.card import card
    from assay.tricks.catalog import find_trick

    if len(names) != 1:
        raise InputError(f"tricks show takes one name, got {len(names)}; write `assay tricks show mixup`")
    if not runs.is_dir():
        raise InputError(f"--runs {runs}: there is no such folder; name one with finished runs in or below it")
    try:
        kind = find_trick(names[0])
    except InputError:
        part = find_part(names[0])
        if part is None:
            raise
        print(json.dumps(describe_part(part), indent=2) if as_json else tell_part(part))
        return
    found, here = card(kind), find_worth(kind.__name__, runs)
    if as_json:
        print(json.dumps({**asdict(found), "here": [asdict(worth) for worth in here]}, indent=2))
    else:
        print(tell(found, here))


def choose(cards: Sequence[Card], slot: str | None, words: Sequence[str]) -> list[Card]:
    """The cards of this slot that hold all the words, in whatever case and spelling.

    Raises:
        InputError: no such slot; lists them.
    """
    from assay.tricks.spelling import holds

    slots = sorted({card.slot for card in cards})
    if slot is not None and slot not in slots:
        near = difflib.get_close_matches(slot, slots, n=1)
        hint = f"did you mean {near[0]}? " if near else ""
        raise InputError(f"--slot {slot!r}: there is no such slot; {hint}choose from {', '.join(slots)}")

    def text(card: Card) -> str:
        facts = (card.name, card.also, card.summary, card.body, card.source, card.published, card.hurts)
        return " ".join((*facts, card.expression))

    return [card for card in cards if slot in (None, card.slot) and all(holds(text(card), word) for word in words)]
