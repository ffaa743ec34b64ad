"""Completing a condition while it is typed: columns, then operators that fit, then values that are there.

The language is SQL, as in `Audit.where`; this only looks at the words before the cursor, and proposes the next one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

WORDS = re.compile(r"""'(?:[^']|'')*'?|"(?:[^"]|"")*"?|[A-Za-z_]\w*|\d[\w.]*|<=|>=|!=|<>|[^\s\w]""")
JOINING = ("AND", "OR")
OPENING = ("", "AND", "OR", "NOT", "WHERE", "(")
OPERATORS = ("=", "!=", "<>", "<", ">", "<=", ">=", "LIKE", "ILIKE", "BETWEEN", "IN")
MOST, LONGEST = 12, 60
"""Proposals, and letters of a value that is proposed: nobody asks for a whole text."""
QUANTILES = ((0.0, "least"), (0.01, "1 % are below"), (0.5, "median"), (0.99, "1 % are above"), (1.0, "largest"))


@dataclass(frozen=True)
class Proposal:
    """text: what is put in, in place of what begins at `start`. hint: what it is."""

    text: str
    hint: str
    start: int


def complete(table: pl.DataFrame, text: str) -> list[Proposal]:
    """What may come next after `text`, the condition up to the cursor; those that fit what is begun come first."""
    words = [(match.start(), match[0]) for match in WORDS.finditer(text)]
    begun = words.pop() if words and text.endswith(words[-1][1]) and is_begun(words[-1][1]) else (len(text), "")
    start, fragment = begun
    last = words[-1][1] if words else ""
    named = [column_of(table, word) for _, word in words]
    offered = offer(table, last, named)
    key = fragment.strip("'\"").lower()
    found = [(word, hint) for word, hint in offered if key in word.strip("'\"").lower() and word != fragment]
    found.sort(key=lambda one: not one[0].strip("'\"").lower().startswith(key))
    return [Proposal(word, hint, start) for word, hint in found[:MOST]]


def is_begun(word: str) -> bool:
    """Whether the last word may still grow: a name, or a value whose quote is open."""
    if word[0] in "'\"":
        return len(word) == 1 or word[-1] != word[0]
    return word[0].isalpha() or word[0] == "_"


def offer(table: pl.DataFrame, last: str, named: list[str | None]) -> list[tuple[str, str]]:
    """Words with their hints that may follow the last one."""
    if last.upper() in OPENING:
        return [*((quoted(name), describe(table, name)) for name in table.columns), ("NOT", "the contrary")]
    if named and named[-1] is not None:
        return operators(table, named[-1])
    column = next((name for name in reversed(named) if name is not None), None)
    if column is not None and last.upper() in (*OPERATORS, ",", "("):
        return values(table, column)
    if last.upper() == "IS":
        return [("NULL", "empty"), ("NOT NULL", "there is one")]
    return [("AND", "both"), ("OR", "either")]


def operators(table: pl.DataFrame, name: str) -> list[tuple[str, str]]:
    """Those that make sense for a column's kind."""
    kind = table.schema[name]
    empty = [("IS NOT NULL", "there is one"), ("IS NULL", "empty")]
    if kind.is_numeric():
        return [(sign, "") for sign in ("<", ">", "<=", ">=", "=", "!=")] + [("BETWEEN", "low AND high"), *empty]
    if str(kind) == "Boolean":
        return [("AND", "both"), ("OR", "either"), *empty]
    return [("=", "is"), ("!=", "is not"), ("LIKE", "% stands for anything"), ("IN", "('one', 'another')"), *empty]


def values(table: pl.DataFrame, name: str) -> list[tuple[str, str]]:
    """Of words the most frequent, of numbers some to compare with."""
    import polars as pl

    column = table[name].drop_nulls()
    if not column.dtype.is_numeric():
        words = column.cast(pl.String)
        counts = words.filter(words.str.len_chars() <= LONGEST).value_counts(sort=True).head(500)
        return [(f"'{value.replace(chr(39), chr(39) * 2)}'", f"{count:,}") for value, count in counts.iter_rows()]
    found = dict[str, str]()
    finite = column.filter(column.is_finite()) if column.dtype.is_float() else column
    for share, hint in QUANTILES if len(finite) else ():
        found.setdefault(f"{finite.quantile(share):.4g}", hint)
    return list(found.items())


def describe(table: pl.DataFrame, name: str) -> str:
    """The kind of a column in a word."""
    kind = table.schema[name]
    return "number" if kind.is_numeric() else "yes or no" if str(kind) == "Boolean" else "text"


def quoted(name: str) -> str:
    """A column as SQL writes it."""
    plain = re.fullmatch(r"[A-Za-z_]\w*", name) is not None
    return name if plain else '"' + name.replace('"', '""') + '"'


def column_of(table: pl.DataFrame, word: str) -> str | None:
    """The column that a word names, if it names one."""
    name = word[1:-1].replace('""', '"') if len(word) > 1 and word[0] == word[-1] == '"' else word
    return name if name in table.columns else None
