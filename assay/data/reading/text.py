"""Columns of running text: what is one, its words, and how an inspection keeps it.

No network here reads text: a training leaves such a column out. An inspection looks at the texts themselves, and at
numbers that stand for them.
"""

from __future__ import annotations

import hashlib
import re
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assay.data.reading.cells import Cell, is_missing

LEAST_WORDS, LEAST_TEXTS = 4, 20
"""A column is text from so many words in the middle one of so many different texts: fewer are names or categories."""
WORD = re.compile(r"\w+(?:'\w+)?")
DIGEST_BYTES = 3
"""As many as a float of 32 bits holds exactly."""


@dataclass(frozen=True)
class Texts:
    """columns: for each column of text, the text of each example by its id; an empty one where it is missing.

    stand_ins: the columns of numbers that stand for them among the inputs, as they are called there. digests: those
    of them that only tell whether two texts are equal.
    """

    columns: Mapping[str, Mapping[str, str]]
    stand_ins: frozenset[str] = frozenset()

    @property
    def digests(self) -> frozenset[str]:
        return self.stand_ins & {f"{name} (digest)" for name in self.columns}

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
    """Three columns of numbers for one of text: texts that differ differ in them, equal ones do not."""
    return {
        f"{name} (characters)": [float(len(text)) for text in texts],
        f"{name} (words)": [float(len(words_of(text))) for text in texts],
        f"{name} (digest)": [_digest(text) for text in texts],
    }


def _digest(text: str) -> float:
    return float(int.from_bytes(hashlib.blake2b(text.encode(), digest_size=DIGEST_BYTES).digest(), "little"))
