"""The texts of one example as people are shown them, wherever they judge it: in a terminal and on the page."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from assay.data.data import Data

MOST_LETTERS = 4000
"""Of one text; who judges by more than two pages has the source."""
HARMLESS = "\n\t"
STRANGE = "\N{REPLACEMENT CHARACTER}"
TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""Letters that turn the direction of what stands after them, on the page around the text, too."""


@dataclass(frozen=True)
class Passage:
    """One column of text of one example. name: of the column. note: what is not shown of it, empty if nothing."""

    name: str
    text: str
    note: str = ""


def passages_of(data: Data, id: str, most: int = MOST_LETTERS) -> tuple[Passage, ...]:
    """The texts of an example by their columns, at most so many letters of each; none where the source has no text."""
    if data.texts is None:
        return ()
    return tuple(_passage(name, text, most) for name, text in data.texts.of(id))


def stand_ins_of(data: Data) -> frozenset[str]:
    """The input columns that are numbers in the place of texts: people are shown the texts instead."""
    return frozenset() if data.texts is None else data.texts.all_stand_ins


def beginning_of(data: Data, id: str, most: int) -> str:
    """How the texts of an example begin, in one line; empty where the source has no text."""
    return _shortened(" · ".join(" ".join(passage.text.split()) for passage in passages_of(data, id, 2 * most)), most)


def beginning_of_text(passage: Passage, most: int) -> str:
    """How one text begins, in one line."""
    return _shortened(" ".join(passage.text.split()), most)


def _shortened(line: str, most: int) -> str:
    return line if len(line) <= most else f"{line[:most].rstrip()}…"


def _passage(name: str, text: str, most: int) -> Passage:
    note = f"The first {most:,} of {len(text):,} characters." if len(text) > most else ""
    return Passage(name, _harmless(text[:most]), note if text.strip() else "There is no text.")


def _harmless(text: str) -> str:
    """The text without what steers a terminal or turns the direction of writing."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(
        STRANGE if letter in TURNING or (unicodedata.category(letter) == "Cc" and letter not in HARMLESS) else letter
        for letter in text
    )
