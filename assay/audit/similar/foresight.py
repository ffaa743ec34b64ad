"""How long a piece of work will take, told from its first part, so that what is too long is given up early."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from assay.saying import Say, silent

LEAST_SECONDS, LEAST_SHARE = 1.0, 0.05
"""Before both are passed nothing is foretold: the first blocks also wait for memory and caches."""


@dataclass(frozen=True)
class TooLong:
    """The work was given up: it would have taken so many seconds."""

    seconds: float


def foresee(seconds: float, say: Say = silent, doing: str = "") -> Callable[[float], TooLong | None]:
    """A question to ask as the work goes on: with the share that is done, will it take more than `seconds`?

    Whoever waits is told of the share each time. The nearer the end, the sillier to give up: with the share s done,
    seconds (1 + s) are allowed.
    """
    started = time.perf_counter()

    def ask(share: float) -> TooLong | None:
        say(doing, share)
        passed = time.perf_counter() - started
        is_early = passed < min(LEAST_SECONDS, seconds) and share < LEAST_SHARE
        needed = passed / share
        return None if is_early or needed <= seconds * (1 + share) else TooLong(needed)

    return ask
