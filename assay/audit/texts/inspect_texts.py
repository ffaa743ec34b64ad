"""What an inspection says about a column of text, and its columns of the table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from assay.audit.fences import beyond_fences, farthest_first
from assay.audit.texts.reading import TextColumn, text_columns
from assay.audit.texts.repeated_texts import find_repeated_texts
from assay.audit.texts.tokens import token_column
from assay.data.data import Data
from assay.figure import Bars, Table
from assay.finding import Finding

if TYPE_CHECKING:
    import polars as pl

SHOWN, LEAST, LEAST_SPREAD = 20, 20, 0.1
SHOWN_TEXTS, SHOWN_LETTERS = 8, 120
SOURCE = "Karpathy 2019, A Recipe for Training Neural Networks, step 1: look at the data, its distribution and outliers"


def inspect_texts(data: Data) -> list[Finding]:
    """Length and vocabulary as a note; empty, odd and repeated texts."""
    columns = [column for column in text_columns(data) if len(column)]
    tokens = token_column(data)
    repeated = [finding for column in columns for finding in find_repeated_texts(column)]
    every = [*columns, *([tokens] if tokens else [])]
    return [
        *(finding for column in every for finding in (_describe(column), *_empty(column), *_odd_lengths(column))),
        *repeated,
        *(_full_rows(tokens, data) if tokens else []),
    ]


def add_text_columns(data: Data, table: pl.DataFrame) -> pl.DataFrame:
    """The table with the characters, words and unknown words of each text, after the column's name."""
    import polars as pl

    for column in text_columns(data):
        place = {key: number for number, key in enumerate(column.ids)}
        rows = [place.get(key) for key in table["id"].to_list()]
        measured = {
            "characters": [None if row is None else len(column.texts[row]) for row in rows],
            "words": [None if row is None else len(column.words[row]) for row in rows],
            "unknown_words": [None if row is None else column.unknown(row) for row in rows],
        }
        table = table.with_columns(*(pl.Series(f"{column.name}_{what}", values) for what, values in measured.items()))
    return table


def _full_rows(column: TextColumn, data: Data) -> list[Finding]:
    """Sequences without padding were perhaps cut."""
    length = data.specification.input_shape[0]
    full = sum(len(words) == length for words in column.words)
    if not full:
        return []
    return [
        Finding(
            "full_sequences",
            "note",
            f"{full:,} of {len(column):,} sequences fill all {length:,} places of their rows: longer ones may have "
            "been cut.",
            evidence={"count": full, "n": len(column), "length": length},
            fix="Give rows as long as the longest sequence that matters, or cut where a piece of it ends.",
            source=SOURCE,
        )
    ]


def _describe(column: TextColumn) -> Finding:
    lengths = np.array([len(words) for words in column.words])
    shortest, few, middle, many, longest = np.quantile(lengths, [0, 0.05, 0.5, 0.95, 1]).round().astype(int).tolist()
    known = column.vocabulary
    once, total = sum(count == 1 for count in known.values()), max(1, len(known))
    held_out = [place for place, split in enumerate(column.splits) if split != "train"]
    unknown, said = sum(map(column.unknown, held_out)), sum(len(column.words[place]) for place in held_out)
    share = f"{unknown / said:.1%} of {said:,} outside it are unknown to it" if said else "no other split has any"
    frequent = known.most_common(SHOWN)
    return Finding(
        "text_statistics",
        "note",
        f"Column {column.name!r}: {len(column):,} texts of {middle:,} {column.noun}s in the middle ({few:,} to "
        f"{many:,} for nine in ten, {shortest:,} to {longest:,} in all); the training split has {len(known):,} "
        f"different ones, "
        f"{once / total:.0%} of them stand there once, and {share}.",
        evidence={"column": column.name, "n": len(column), "words": [shortest, few, middle, many, longest],
                  "vocabulary": len(known), "once": once, "unknown": unknown, "of": said},
        fix="Cut or pad to a length that nine in ten have; give rare words one common token, or use pieces of words.",
        source=SOURCE,
        figures=(Bars(f"The commonest {column.noun}s of {column.name}", tuple(word for word, _ in frequent),
                      tuple(float(count) for _, count in frequent), "times"), _some(column)),
    )  # fmt: skip


def _some(column: TextColumn) -> Table:
    """A few texts from all over the data, as they begin."""
    places = np.linspace(0, len(column) - 1, min(SHOWN_TEXTS, len(column))).round().astype(int).tolist()
    rows = tuple((column.texts[place][:SHOWN_LETTERS], column.ids[place], column.splits[place]) for place in places)
    # Where a terminal is narrow, the last columns are left out.
    return Table(f"How some texts of {column.name} begin", ("text", "id", "split"), rows)


def _empty(column: TextColumn) -> list[Finding]:
    empty = [column.ids[place] for place, words in enumerate(column.words) if not words]
    if not empty:
        return []
    return [
        Finding(
            "empty_texts",
            "suspect",
            f"{len(empty):,} of {len(column):,} texts in column {column.name!r} have no {column.noun}: "
            f"{', '.join(empty[:3])}.",
            evidence={"column": column.name, "count": len(empty), "n": len(column), "ids": empty[:SHOWN]},
            cause="The text was never written, or was lost on the way.",
            fix="Find the texts, or leave these rows out: there is nothing to learn from.",
            source=SOURCE,
        )
    ]


def _odd_lengths(column: TextColumn) -> list[Finding]:
    """Lengths beyond the outer fences, as logarithms."""
    lengths = np.array([len(words) for words in column.words])
    written = np.log(np.maximum(lengths, 1))
    if (lengths > 0).sum() < LEAST:
        return []
    rows = farthest_first(beyond_fences(written, lengths > 0, least_spread=LEAST_SPREAD)).tolist()
    if not rows:
        return []
    worst = [f"{column.ids[row]} ({lengths[row]:,} {column.noun}s)" for row in rows[:3]]
    return [
        Finding(
            "odd_texts",
            "note",
            f"{len(rows):,} of {len(column):,} texts in column {column.name!r} are far shorter or longer than the "
            f"others: {', '.join(worst)}.",
            evidence={"column": column.name, "count": len(rows), "n": len(column),
                      "ids": [column.ids[row] for row in rows[:SHOWN]]},
            cause="A text that was cut, two that were joined, a page's menu read along with it; or rare but right.",
            fix="Read these first.",
            source="Tukey 1977, Exploratory Data Analysis, section 2",
        )
    ]  # fmt: skip
