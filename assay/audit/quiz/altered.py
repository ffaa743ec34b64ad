"""What reading did to the examples that people are asked about: they see them so."""

from __future__ import annotations

from assay.data.data import Data

ALTERED = ("several_sizes", "rows_without_target", "mixed_types", "missing_cells", "unreadable_files")
"""What the reading of data finds and then scales, fills in or leaves out; texts are shown as they are written."""


def tell_altered(data: Data) -> tuple[str, ...]:
    """A sentence for each alteration."""
    return tuple(finding.summary for finding in data.findings if finding.id in ALTERED)
