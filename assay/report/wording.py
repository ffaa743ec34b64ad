"""How numbers are written for people: per cent, points, intervals, durations.

Every surface (page, terminal) uses these, so that one number never appears in two spellings.
"""

from __future__ import annotations

import math

MINUS = "\N{MINUS SIGN}"
ABSENT = "\N{EN DASH}"
NAMES = {"r2": "R²", "f1": "macro F1", "recall": "macro recall", "calibration": "calibration error"}


def is_number(value: object) -> bool:
    """Whether `value` is a finite number; NaN and infinities stand for "not known"."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def score(metric: str, value: float | None) -> str:
    """`99.2 %` for accuracy, `0.873` for R²."""
    if value is None or not is_number(value):
        return ABSENT
    return f"{100 * value:.1f} %" if metric == "accuracy" else _thousandths(value)


def interval(metric: str, low: float | None, high: float | None) -> str:
    """`[98.1, 99.7]`, in the unit that `score` shows."""
    if low is None or high is None or not (is_number(low) and is_number(high)):
        return "[not known]"
    if metric == "accuracy":
        return f"[{100 * low:.1f}, {100 * high:.1f}]"
    return f"[{_thousandths(low)}, {_thousandths(high)}]"


def effect(metric: str, value: float | None) -> str:
    """A difference of two scores with its sign: `+0.42` points of accuracy, `-0.012` of R²."""
    if value is None or not is_number(value):
        return ABSENT
    text = f"{100 * value:+.2f}" if metric == "accuracy" else f"{value:+.3f}"
    return "0" + text[2:] if float(text) == 0 else _signed(text)


def effect_interval(metric: str, low: float | None, high: float | None) -> str:
    """`[+0.21, +1.07]`, in the unit that `effect` shows."""
    return f"[{effect(metric, low)}, {effect(metric, high)}]"


def metric_name(metric: str) -> str:
    """The metric as people write it: `R²` for "r2"."""
    return NAMES.get(metric, metric)


def effect_unit(metric: str) -> str:
    """What `effect` counts in."""
    return "percentage points" if metric == "accuracy" else metric_name(metric)


def duration(seconds: float | None) -> str:
    """`< 0.1 s`, `0.4 s`, `42 s`, `1 min 58 s`, `2 h 3 min`."""
    if seconds is None or not is_number(seconds):
        return ABSENT
    if 0 < seconds < 0.05:
        return "< 0.1 s"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min" if minutes % 60 else f"{minutes // 60} h"


def count(n: int, noun: str, plural: str | None = None) -> str:
    """`1 trick`, `3 tricks`, `1,797 examples`."""
    return f"{n:,} {noun if n == 1 else plural or noun + 's'}"


def times(n: int) -> str:
    """How often: `once`, `twice`, `3 times`."""
    return {1: "once", 2: "twice"}.get(n, f"{n} times")


def number(value: object) -> str:
    """Any number of an evidence table: thousands grouped, four significant digits."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return _signed(f"{value:,}") if abs(value) >= 10_000 else _signed(str(value))
    if not isinstance(value, float):
        return str(value)
    if not math.isfinite(value):
        return _signed(str(value))
    if value == int(value) and abs(value) < 1e15:
        return number(int(value))
    return _signed(f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:.4g}")


def value_text(value: object) -> str:
    """A setting's value: a number to three digits, anything else as it is."""
    return _signed(f"{value:.3g}") if isinstance(value, float) else str(value)


def words(name: str) -> str:
    """An identifier as words: `nearest_neighbours` -> `nearest neighbours`."""
    return name.replace("_", " ")


def _thousandths(value: float) -> str:
    """Three decimals; what rounds to nothing has no sign."""
    return _signed(f"{round(value, 3) + 0.0:.3f}")


def _signed(text: str) -> str:
    return text.replace("-", MINUS) if "e-" not in text else text
