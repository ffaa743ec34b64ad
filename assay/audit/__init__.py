"""Stage 1, become one with the data: what is in it, and what is wrong with it."""

from typing import TYPE_CHECKING, Any

from assay.audit.inspect import inspect

if TYPE_CHECKING:
    from assay.audit.labels.fuse import fuse

__all__ = ["fuse", "inspect"]


def __getattr__(name: str) -> Any:
    # Imported when it is first used: it brings SciPy's optimisers.
    if name == "fuse":
        from assay.audit.labels.fuse import fuse

        return fuse
    raise AttributeError(f"module 'assay.audit' has no attribute {name!r}")
