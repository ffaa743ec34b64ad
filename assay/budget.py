"""The time a run may use: working seconds over all its sessions, however often it was interrupted."""

from __future__ import annotations

import math
import re
import time

from assay.errors import InputError

UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}

LEAST_SECONDS = 10.0


class Budget:
    """Counts working seconds against a total."""

    def __init__(self, total_seconds: float, *, used_before: float = 0.0) -> None:
        self.total = total_seconds
        self._before, self._started = used_before, time.perf_counter()

    @property
    def used(self) -> float:
        return self._before + time.perf_counter() - self._started

    @property
    def remaining(self) -> float:
        return self.total - self.used


def budget_text(seconds: float) -> str:
    """As `parse_seconds` reads it, rounded up: `97s`, `14m`, `13.6h`."""
    if seconds < 120:
        return f"{math.ceil(seconds)}s"
    return f"{math.ceil(seconds / 60)}m" if seconds < 7200 else f"{math.ceil(seconds / 360) / 10:g}h"


def parse_seconds(text: str, *, least: float = LEAST_SECONDS) -> float:
    """`90s`, `2m`, `1.5h`, `1h30m` or plain seconds.

    Args:
        least: what a run needs; 0 where any time above it is enough to begin with.

    Raises:
        InputError: not a time of that form, or shorter than `least`.
    """
    parts = re.findall(r"(\d+(?:\.\d+)?)([smhd]?)", text.strip())
    whole = "".join(number + unit for number, unit in parts)
    if not parts or whole != text.strip() or (len(parts) > 1 and not all(unit for _, unit in parts)):
        raise InputError(f"--budget {text!r} is not a time; write it as 90s, 2m, 1.5h or 1h30m")
    seconds = sum(float(number) * UNITS[unit or "s"] for number, unit in parts)
    if seconds < least:
        raise InputError(f"--budget {text!r} is {seconds:g} s; a run needs at least {least:g} s")
    if not seconds:
        raise InputError(f"--budget {text!r} is no time at all; give some, such as 60s")
    return seconds
