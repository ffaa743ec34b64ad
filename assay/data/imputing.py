"""Filling missing cells from the training split: medians for numbers, modes for categories."""

from __future__ import annotations

from dataclasses import replace

import torch
from jaxtyping import Float, Int
from torch import Tensor

from assay.data.encoders import ArrayEncoder, Encoder, ImageEncoder, TableEncoder
from assay.data.examples import Examples
from assay.data.reading.column import Column
from assay.errors import InputError
from assay.finding import Finding, Level

NAMED = 20
Vectors = Float[Tensor, "_ features"]


def impute(examples: Examples, training: Int[Tensor, " train"], *, level: Level = "suspect") -> Examples:
    """The same examples with every missing or infinite cell filled, and a finding that says so.

    The fills travel with the encoder, so new data is filled alike.

    Raises:
        InputError: a column has no usable cell in the training split.
    """
    if (
        not isinstance(examples.inputs, Tensor)
        or isinstance(examples.encoder, ImageEncoder)
        or examples.inputs.dim() != 2
    ):
        return examples
    inputs = torch.where(torch.isfinite(examples.inputs), examples.inputs, torch.nan)
    encoder, filled, blanks = _fill(examples.name, examples.encoder, inputs, inputs[training])
    counts = {name: len(rows) for name, rows in blanks.items()}
    total = sum(counts.values())
    if total == 0:
        return replace(examples, encoder=encoder)
    shown = {name: [examples.ids[row] for row in rows[:NAMED]] for name, rows in blanks.items()}
    worst = max(counts, key=lambda name: counts[name])
    finding = Finding(
        id="missing_cells",
        level=level,
        summary=f"{total} missing or infinite cells in {len(counts)} columns were filled by the training split's "
        f"medians and most frequent words; most are in {worst!r} ({counts[worst]} of {len(examples)} rows, such as "
        f"{shown[worst][0]}).",
        evidence={"cells_per_column": counts, "count": total, "n": len(examples), "rows": shown},
        cause="The source has empty, NaN or infinite cells.",
        fix="Find out why they are missing; where that depends on the target, a fill hides or fakes the answer. A "
        "training refuses them, or fills them with --impute.",
    )
    return replace(examples, inputs=filled, encoder=encoder, findings=(*examples.findings, finding))


def _fill(
    name: str, encoder: Encoder, inputs: Vectors, train: Vectors
) -> tuple[Encoder, Vectors, dict[str, list[int]]]:
    """The encoder with fills, the filled inputs, and the rows of the filled cells of each column."""
    blanks, filled = dict[str, list[int]](), inputs.clone()
    if isinstance(encoder, TableEncoder):
        columns = encoder.columns
    else:
        columns = tuple(Column(str(index + 1)) for index in range(inputs.shape[1]))
    changed, start = list[Column](), 0
    for column in columns:
        block = slice(start, start + (len(column.categories) or 1))
        start = block.stop
        missing = inputs[:, block.start].isnan()
        present = train[~train[:, block.start].isnan()][:, block]
        if len(present) == 0:
            raise InputError(f"{name}: column {column.name!r} has no usable cell to learn a fill from; drop the column")
        # torch's median is the lower of the middle two, so a fill is always a value that was seen.
        values = present.median(0).values if column.is_number else _mode(present)
        if missing.any():
            blanks[column.name] = missing.nonzero().flatten().tolist()
            filled[missing, block] = values
        fill = float(values[0]) if column.is_number else column.categories[int(values.argmax())]
        changed.append(replace(column, fill=fill))
    if isinstance(encoder, TableEncoder):
        return TableEncoder(tuple(changed)), filled, blanks
    fills = tuple(float(column.fill) for column in changed if column.fill is not None)
    return ArrayEncoder(tuple(inputs.shape[1:]), fill=fills), filled, blanks


def _mode(one_hot: Tensor) -> Tensor:
    """The commonest category as a one-hot row; the first of equals."""
    sums = one_hot.sum(0)
    return torch.zeros_like(sums).index_fill_(0, sums.argmax(), 1.0)
