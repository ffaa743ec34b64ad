"""Addresses of other tabs, from what one wants to see there."""

from __future__ import annotations

from urllib.parse import urlencode


def browse(condition: str) -> str:
    """Browse, with the examples that fulfil a condition in SQL."""
    return f"/browse?{urlencode({'where': condition})}"


def text(value: str) -> str:
    """A value as SQL writes it."""
    return "'" + value.replace("'", "''") + "'"
