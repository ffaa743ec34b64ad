"""What every line says in the same way: names, and the time."""

from __future__ import annotations

from datetime import UTC, datetime

from assay.errors import InputError


def time_now() -> str:
    """In UTC and ISO 8601, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def check_word(name: str, value: object) -> None:
    """Refuse what is no name.

    Raises:
        InputError: not text, only spaces, or half of a surrogate pair.
    """
    if not isinstance(value, str) or not value.strip():
        raise InputError(f"{name} must be a word that is not empty, got {value!r}")
    if any(0xD800 <= ord(letter) <= 0xDFFF for letter in value):
        raise InputError(f"{name} must be text that UTF-8 can hold, got {value!r}; rename it")


def check_time(value: object) -> None:
    """Refuse what is no time in UTC.

    Raises:
        InputError: not ISO 8601, or of another zone, or of none.
    """
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        moment = None
    offset = None if moment is None else moment.utcoffset()
    if offset is None or offset.total_seconds() != 0:
        raise InputError(f"time must be UTC in ISO 8601, such as 2026-01-31T12:00:00+00:00, got {value!r}")
