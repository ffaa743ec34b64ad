"""How long work tells who waits for it where it is."""

from __future__ import annotations

import time
from collections.abc import Callable

Say = Callable[[str, float], None]
"""What is being done, and the share of it that is done, in [0, 1]. Called often: whoever shows it takes its time."""


def silent(doing: str, share: float) -> None:
    """Tell nobody."""


def now_and_then(say: Say, *, seconds: float = 0.25) -> Say:
    """Pass on what is said at most every so many seconds: work that says more is not slowed by its telling."""
    said = -seconds

    def passed_on(doing: str, share: float) -> None:
        nonlocal said
        now = time.perf_counter()
        if now - said >= seconds:
            said = now
            say(doing, share)

    return passed_on
