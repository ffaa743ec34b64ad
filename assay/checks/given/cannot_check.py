"""The way out of a check that has nothing to say here."""

from __future__ import annotations


class CannotCheckError(Exception):
    """Raised inside a check that does not apply here; its text becomes the reason in `Report.skipped`."""
