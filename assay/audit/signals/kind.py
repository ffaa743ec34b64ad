"""What the audit takes for a signal."""

from __future__ import annotations

from assay.audit.signals.measures import LEAST_LENGTH
from assay.data.encoders import TableEncoder
from assay.data.specification import Specification


def is_signal(specification: Specification) -> bool:
    """Values of an array in a row of at least 16: (channels, 1, length), (channels, length) or (length,)."""
    is_table = isinstance(specification.encoder, TableEncoder)
    return specification.is_signal and not is_table and specification.input_shape[-1] >= LEAST_LENGTH
