"""Columns of running text: what is one, its words, and how an inspection keeps it.

No network here reads text: a training leaves such a column out. An inspection looks at the texts themselves; where
numbers are asked for, their lengths stand for them.
"""

from __future__ import annotations

import hashlib
import re
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from assay.data.reading.cells import Cell, is_missing

LEAST_WORDS, LEAST_TEXTS = 4, 20
"""A column is text from so many words in the middle one of so many different texts: fewer are names or categories."""
WORD = re.compile(r"\w+(?:'\w+)?")


@dataclass(frozen=True)
class Texts:
    """columns: for each column of text, the text of each example by its id; an empty one where it is missing.

    stand_ins: for each column of text, the columns of numbers that stand for it among the inputs, as they are called
    there; a training has none.
    """

    columns: Mapping[str, Mapping[str, str]]
    stand_ins: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def all_stand_ins(self) -> frozenset[str]:
        return frozenset(name for names in self.stand_ins.values() for name in names)

    def digest(self, id: str) -> bytes:
        """16 bytes that are equal where two examples have equal texts in all columns."""
        digest = hashlib.blake2b(digest_size=16)
        for texts in self.columns.values():
            written = texts.get(id, "").encode("utf-8", "surrogatepass")
            digest.update(len(written).to_bytes(8, "little") + written)
        return digest.digest()

    def of(self, id: str) -> tuple[tuple[str, str], ...]:
        """Each column's name with the text of one example."""
        return tuple((name, texts[id]) for name, texts in self.columns.items() if id in texts)


def words_of(text: str) -> list[str]:
    """Runs of letters and digits, in lower case."""
    return WORD.findall(text.lower())


def is_text(cells: Sequence[Cell]) -> bool:
    """Whether a column of words holds running text rather than names or categories."""
    present = {str(cell) for cell in cells if not is_missing(cell)}
    return len(present) > LEAST_TEXTS and statistics.median(len(words_of(text)) for text in present) >= LEAST_WORDS


def plain_texts(cells: Sequence[Cell]) -> list[str]:
    """Each cell as text, empty where it is missing."""
    return ["" if is_missing(cell) else str(cell) for cell in cells]


def stand_ins(name: str, texts: Sequence[str]) -> dict[str, list[float]]:
    """Two columns of numbers for one of text, by what they are called."""
    return {
        f"{name} (characters)": [float(len(text)) for text in texts],
        f"{name} (words)": [float(len(words_of(text))) for text in texts],
    }
