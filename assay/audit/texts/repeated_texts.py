"""Texts that are the same but for case, spaces and punctuation; inside a split, and in several.

Texts of few words may well be equal without being copies, and are left out.
"""

from __future__ import annotations

from collections import defaultdict

from assay.audit.texts.reading import TextColumn
from assay.finding import Finding

LEAST_WORDS, SHOWN = 5, 20


def find_repeated_texts(column: TextColumn) -> list[Finding]:
    """`suspect` where a text of validation or test stands in training too; else a note on repetitions."""
    groups = defaultdict[tuple[str, ...], list[int]](list)
    for place, words in enumerate(column.words):
        if len(words) >= LEAST_WORDS:
            groups[words].append(place)
    repeated = [places for places in groups.values() if len(places) > 1]
    if not repeated:
        return []
    leaked = [place for places in repeated for place in places if _is_leaked(column, place, places)]
    later = sum(len(places) - 1 for places in repeated)
    groups = [[column.ids[place] for place in places[:3]] for places in repeated[:SHOWN]]
    judged = sum(split != "train" for split in column.splits)
    told = f"; {len(leaked):,} of {judged:,} in validation and test stand in training too" if leaked else ""
    return [
        Finding(
            "repeated_texts",
            "suspect" if leaked else "note",
            f"{later:,} of {len(column):,} texts in column {column.name!r} repeat an earlier one but for case, spaces "
            f"and punctuation{told}: {', '.join(groups[0])}.",
            evidence={"column": column.name, "count": later, "n": len(column), "leaked": len(leaked),
                      "groups": groups, "ids": [column.ids[place] for place in leaked[:SHOWN]]},
            cause="The same text was collected twice, or is a form letter.",
            fix="Keep one of each, or keep equal texts in one split (--group): what stands in training is no test.",
            source="the limit of 5 words is this audit's own",
        )
    ]  # fmt: skip


def _is_leaked(column: TextColumn, place: int, places: list[int]) -> bool:
    return column.splits[place] != "train" and any(column.splits[other] == "train" for other in places)
