"""What users call their columns and classes."""

from __future__ import annotations

from assay.audit.signals.kind import is_signal
from assay.data.encoders import TableEncoder
from assay.data.reading.cells import beginning
from assay.data.reading.column import Column
from assay.data.specification import Specification


def table_columns(specification: Specification) -> tuple[Column, ...]:
    """The columns that the features of a table were made of; none where they are not known."""
    encoder = specification.encoder
    if not isinstance(encoder, TableEncoder):
        return ()
    columns = tuple(encoder.columns)
    return columns if sum(column.width for column in columns) == specification.input_shape[0] else ()


def feature_names(specification: Specification) -> tuple[str, ...]:
    """A name for each channel or column, as the table names it where there is one."""
    if columns := table_columns(specification):
        return tuple(
            name
            for column in columns
            for name in (
                [column.name] if column.is_number else [f"{column.name}={beginning(v)}" for v in column.categories]
            )
        )
    kind = "channel" if specification.is_image else "column"
    return tuple(f"{kind} {number}" for number in range(1, specification.input_shape[0] + 1))


def kind_of(specification: Specification) -> str:
    """What examples are called in findings: `images`, `signals`, else `examples`."""
    if not specification.is_image:
        return "examples"
    return "signals" if is_signal(specification) else "images"


def label_of(specification: Specification, target: float | int) -> str:
    """The class's name, or the number itself."""
    classes = specification.classes
    if classes and 0 <= target < len(classes):
        return classes[int(target)]
    return str(target) if isinstance(target, int) else f"{target:.4g}"
