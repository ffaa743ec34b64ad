"""A row of a table as its owner wrote it: names with values, categories by name instead of ones and zeros."""

from __future__ import annotations

import torch

from assay.audit.names import feature_names, table_columns
from assay.ui.subject import Subject

MOST = 200


def values_of(subject: Subject, row: int, most: int = MOST) -> list[tuple[str, str]]:
    """Names and values of an example that is no image, at most so many."""
    specification = subject.data.specification
    split, position = subject.split(row)
    values = split.gather(torch.tensor([position]))[0].flatten()
    columns = table_columns(specification)
    if not columns:
        names = feature_names(specification) if values.numel() == specification.input_shape[0] else ()
        shown = values[:most].tolist()
        return [(names[i] if names else f"value {i + 1}", number(value)) for i, value in enumerate(shown)]
    found, start = list[tuple[str, str]](), 0
    for column in columns[:most]:
        part = values[start : start + column.width]
        start += column.width
        text = number(part.item()) if column.is_number else column.categories[int(part.argmax())]
        found.append((column.name, text))
    return found


def number(value: float) -> str:
    """As short as it can be told."""
    return f"{value:.4g}"


def shown(value: object) -> str:
    """A cell of the table for a reader."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(shown, value))
    return str(value)
