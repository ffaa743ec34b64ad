"""What users call their columns and classes."""

from __future__ import annotations

from assay.data.encoders import TableEncoder
from assay.data.specification import Specification


def feature_names(specification: Specification) -> tuple[str, ...]:
    """A name for each channel or column, as the table names it where there is one."""
    encoder = specification.encoder
    if isinstance(encoder, TableEncoder):
        names = [
            name
            for column in encoder.columns
            for name in ([column.name] if column.is_number else [f"{column.name}={v}" for v in column.categories])
        ]
        if len(names) == specification.input_shape[0]:
            return tuple(names)
    kind = "channel" if specification.is_image else "column"
    return tuple(f"{kind} {number}" for number in range(1, specification.input_shape[0] + 1))


def label_of(specification: Specification, target: float | int) -> str:
    """The class's name, or the number itself."""
    classes = specification.classes
    if classes and 0 <= target < len(classes):
        return classes[int(target)]
    return f"{target:.4g}"
