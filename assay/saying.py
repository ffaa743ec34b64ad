"""How long work tells who waits for it where it is."""

from __future__ import annotations

from collections.abc import Callable

Say = Callable[[str, float], None]
"""What is being done, and the share of it that is done, in [0, 1]. Called often: whoever shows it takes its time."""


def silent(doing: str, share: float) -> None:
    """Tell nobody."""
