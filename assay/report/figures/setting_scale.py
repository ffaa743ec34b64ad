"""Where the values of a setting lie on its axis: numbers, their logarithms, or categories in a row."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from assay.report.axes import axis_title, chart_text, log_ticks, place_of_zero, tick_texts
from assay.report.strip import linear_axis
from assay.tried_settings import Setting

MOST_CATEGORIES = 12
FEW_VALUES, APART = 6, 0.08
GOLDEN = (math.sqrt(5) - 1) / 2
JITTER = 0.3


@dataclass(frozen=True)
class SettingScale:
    """places and texts: of each trial, None where it had no value. ticks: place and text of each."""

    name: str
    places: tuple[float | None, ...]
    texts: tuple[str, ...]
    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]
    is_categorical: bool

    def share(self, place: float) -> float:
        """Where a place lies between both ends, 0 to 1."""
        return (place - self.low) / (self.high - self.low)

    @property
    def scattered(self) -> tuple[float | None, ...]:
        """The places, those of categories spread a little so that equal ones do not hide each other."""
        if not self.is_categorical:
            return self.places
        spread = [JITTER * ((0.5 + number * GOLDEN) % 1 - 0.5) for number in range(len(self.places))]
        return tuple(None if place is None else place + aside for place, aside in zip(self.places, spread, strict=True))

    def axis(self, *, name: str | None = None) -> dict[str, Any]:
        """For a chart of its own, with a little air at both ends."""
        air = 0.05 * (self.high - self.low)
        return {
            "title": axis_title(self.name if name is None else name), "tickmode": "array",
            "tickvals": [place for place, _ in self.ticks], "ticktext": [text for _, text in self.ticks],
            "range": [self.low - air, self.high + air], "gridcolor": "var(--line)", "linecolor": "var(--line-2)",
            "zeroline": False, "automargin": True,
        }  # fmt: skip


def scale_setting(setting: Setting) -> SettingScale:
    """Categories where any value is text, else numbers, in steps of equal factors where the setting asks for it."""
    if any(isinstance(value, str | bool) for value in setting.values):
        return _categories(setting)
    return scale_numbers(setting.name, [_number(value) for value in setting.values], log=setting.log)


def scale_numbers(name: str, values: Sequence[float | None], *, log: bool = False) -> SettingScale:
    """Of numbers; on a log axis 0 stands below all others. What is not finite, and below 0 there, has no place."""
    known = [value for value in values if value is not None and _has_place(value, log)]
    has_zero = log and any(value == 0 for value in values)
    zero = place_of_zero(known) if has_zero else 0.0
    held = [zero if has_zero and value == 0 else value if _has_place(value, log) else None for value in values]
    marks = _marks(known or [1.0], log) if known or not has_zero else ()
    texts = tick_texts(marks) if log else [f"{mark:.6g}" for mark in marks]
    if has_zero:
        marks, texts = (zero, *marks), ["0", *texts]
    marked = [math.log10(mark) if log else mark for mark in marks]
    places = tuple(None if value is None else math.log10(value) if log else float(value) for value in held)
    there = [place for place in places if place is not None] or [0.0]
    low, high = min(there), max(there)
    if high <= low:
        low, high = low - 0.5 * (abs(low) or 1.0), high + 0.5 * (abs(high) or 1.0)
    told = tuple("none" if value is None else f"{value:.4g}" for value in values)
    ticks = tuple(
        (mark, text)
        for mark, text in zip(marked, texts, strict=True)
        if low - 1e-9 * abs(low) <= mark <= high + 1e-9 * abs(high)
    )
    return SettingScale(name, places, told, low, high, ticks, is_categorical=False)


def _marks(known: Sequence[float], log: bool) -> tuple[float, ...]:
    """Where ticks stand: at the values themselves where these are few and apart, else at round numbers."""
    values = sorted({float(f"{value:.4g}") for value in known})
    places = [math.log10(value) if log else value for value in values]
    span = places[-1] - places[0]
    if len(values) <= FEW_VALUES and all(after - before >= APART * span for before, after in pairwise(places)):
        return tuple(values)
    return log_ticks(min(known), max(known)) if log else linear_axis(known).ticks


def _categories(setting: Setting) -> SettingScale:
    names = sorted({str(value) for value in setting.values if value is not None})
    places = tuple(None if value is None else float(names.index(str(value))) for value in setting.values)
    texts = tuple("none" if value is None else chart_text(str(value)) for value in setting.values)
    every = math.ceil(len(names) / MOST_CATEGORIES)
    ticks = tuple((float(place), chart_text(names[place], longest=18)) for place in range(0, len(names), every))
    return SettingScale(setting.name, places, texts, -0.5, len(names) - 0.5, ticks, is_categorical=True)


def _number(value: float | str | None) -> float | None:
    return None if value is None else float(value)


def _has_place(value: float | None, log: bool) -> bool:
    return value is not None and math.isfinite(value) and (value > 0 or not log)
