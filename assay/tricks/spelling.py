"""Words as they are searched for: `layer-norm`, `LayerNorm` and `layer norm` are one, and so are -ise and -ize."""

from __future__ import annotations

import re
from itertools import accumulate

WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_]+")
SPELLINGS = (("iz", "is"), ("colour", "color"), ("centre", "center"), ("grey", "gray"))


def condense(text: str) -> str:
    """Letters and digits alone, in one spelling."""
    return "".join(_words(text))


def holds(text: str, wanted: str) -> bool:
    """Whether `wanted` stands in `text`, from the beginning of one of its words; what has no letters stands nowhere."""
    words, sought = _words(text), condense(wanted)
    whole, starts = "".join(words), accumulate(map(len, words), initial=0)
    return bool(sought) and any(whole.startswith(sought, start) for start in starts)


def _words(text: str) -> list[str]:
    words = (word.lower() for word in WORD.findall(text))
    return [_spell(word) for word in words]


def _spell(word: str) -> str:
    for one, other in SPELLINGS:
        word = word.replace(one, other)
    return word
