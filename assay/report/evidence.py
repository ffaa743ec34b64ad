"""Evidence for the eye: plain JSON values as short text or a small table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from assay.report.markup import inline
from assay.report.wording import number, words

MOST_ITEMS = 12
MOST_ROWS = 6
MOST_CHARACTERS = 800


def evidence_html(evidence: Mapping[str, Any]) -> Markup:
    """Key and value side by side; a list of records becomes a table of its own."""
    pairs = (
        Markup("<div><dt>{}</dt><dd>{}</dd></div>").format(words(str(key)), _value(value))
        for key, value in evidence.items()
    )
    return Markup('<dl class="evidence">{}</dl>').format(Markup("").join(pairs)) if evidence else Markup("")


def evidence_text(value: Any) -> str:
    """One value in a line: `3, 7, 12, and 40 more`; `cat: 5, dog: 7`; cut between words after 800 characters."""
    text = _line(value)
    if len(text) <= MOST_CHARACTERS:
        return text
    whole_words = text[:MOST_CHARACTERS].rpartition(" ")[0] or text[:MOST_CHARACTERS]
    return whole_words + "\N{HORIZONTAL ELLIPSIS}"


def _line(value: Any) -> str:
    if value is None or value == "":
        return "none"
    if isinstance(value, Mapping):
        return _joined([f"{words(str(key))}: {_line(item)}" for key, item in value.items()], ", ") or "none"
    if isinstance(value, Sequence) and not isinstance(value, str):
        nested = any(isinstance(item, (Mapping, list, tuple)) for item in value)
        return _joined([_line(item) for item in value], "; " if nested else ", ") or "none"
    return number(value)


def _joined(items: Sequence[str], separator: str) -> str:
    more = len(items) - MOST_ITEMS
    return separator.join(items[:MOST_ITEMS]) + (f", and {more:,} more" if more > 0 else "")


def _value(value: Any) -> Markup:
    rows: Any = value
    if isinstance(value, Mapping) and _is_records([*value.values()]):
        rows = [{"": name, **row} for name, row in value.items()]
    if _is_records(rows):
        return _records(rows)
    return inline(evidence_text(value))


def _is_records(value: Any) -> bool:
    """Whether this is a list of mappings that share their keys."""
    if not isinstance(value, Sequence) or isinstance(value, str) or not value:
        return False
    return all(isinstance(row, Mapping) and row.keys() == value[0].keys() and len(row) > 1 for row in value)


def _records(rows: Sequence[Mapping[str, Any]]) -> Markup:
    head = Markup("").join(Markup('<th scope="col">{}</th>').format(words(str(key))) for key in rows[0])
    lines = (
        Markup("<tr>{}</tr>").format(
            Markup("").join(Markup("<td>{}</td>").format(inline(evidence_text(item))) for item in row.values())
        )
        for row in rows[:MOST_ROWS]
    )
    more = len(rows) - MOST_ROWS
    tail = Markup('<p class="more">and {:,} more</p>').format(more) if more > 0 else Markup("")
    table = Markup("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>{}")
    return table.format(head, Markup("").join(lines), tail)
