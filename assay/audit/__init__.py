"""Stage 1, become one with the data: what is in it, and what is wrong with it."""

from assay.audit.inspect import inspect

__all__ = ["inspect"]
