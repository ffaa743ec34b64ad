"""What networks refuse alike."""

from __future__ import annotations


def require_dropout(dropout: float) -> None:
    """Refuse a probability that drops all, or is none.

    Raises:
        ValueError: it is outside [0, 1), or not a number.
    """
    if not 0.0 <= dropout < 1.0:
        raise ValueError(f"dropout must be in [0, 1), got {dropout}; 0 turns it off")
