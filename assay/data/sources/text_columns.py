"""For an inspection: columns of running text are kept as texts, and numbers stand for them among the inputs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars

from assay.data.reading.cells import cells_of, is_number_column
from assay.data.reading.text import Texts, is_text, plain_texts, stand_ins
from assay.finding import Finding


def set_texts_apart(
    path: Path, table: polars.DataFrame, names: Sequence[str], rows: Sequence[int]
) -> tuple[polars.DataFrame, list[str], Texts | None, list[Finding]]:
    """The table and its input columns with numbers in the place of texts, the texts, and a note on each column.

    Args:
        rows: the row of the source that each row of the table is, from 0.
    """
    kept, standing, texts, findings = list[str](), list[str](), dict[str, dict[str, str]](), list[Finding]()
    for name in names:
        cells = cells_of(path, table, name)
        if is_number_column(cells) or not is_text(cells):
            kept.append(name)
            continue
        written = plain_texts(cells)
        numbers = {called: values for called, values in stand_ins(name, written).items() if called not in table.columns}
        texts[name] = {f"row {row + 1}": text for row, text in zip(rows, written, strict=True)}
        table = table.with_columns(*(polars.Series(called, values) for called, values in numbers.items()))
        kept += numbers
        standing += numbers
        findings.append(_say_text(name))
    return table, kept, Texts(texts, frozenset(standing)) if texts else None, findings


def _say_text(name: str) -> Finding:
    return Finding(
        id="text_column",
        level="note",
        summary=f"Column {name!r} holds running text. This inspection looks at the texts; as inputs, their length, "
        "their number of words and a number that tells equal texts stand for them.",
        evidence={"column": name},
        fix="No network here reads text, and a training leaves the column out: turn it into numbers first, such as "
        "the embeddings of a pretrained model in an .npz file.",
    )
