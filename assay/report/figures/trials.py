"""Trials in the order of their scores, and the words that tell which was best and which failed."""

from __future__ import annotations

import math
from collections.abc import Sequence

from assay.report.figures.numbers import plain
from assay.report.wording import count
from assay.tried_settings import Tried

MOST_TRIALS = 500
"""Of more, as many are drawn, evenly over all ranks: a chart of thousands of lines is a blot."""


def scored(tried: Tried) -> list[int]:
    """Trials with a score, the worst first."""
    known = [number for number, score in enumerate(tried.scores) if math.isfinite(score)]
    return sorted(known, key=lambda number: tried.scores[number], reverse=tried.lower_is_better)


def standing_out(tried: Tried) -> list[int]:
    """The trial that is marked, if any has a score: the chosen one, else that with the best score."""
    ordered = scored(tried)
    return [tried.chosen] if tried.chosen in ordered else ordered[-1:]


def others(tried: Tried) -> list[int]:
    """All that have a score and are not marked, the worst first."""
    marked = standing_out(tried)
    return [trial for trial in scored(tried) if trial not in marked]


def failed(tried: Tried) -> list[int]:
    """Trials without a score."""
    return [number for number, score in enumerate(tried.scores) if not math.isfinite(score)]


def drawn(ordered: Sequence[int], most: int = MOST_TRIALS) -> list[int]:
    """At most so many, evenly spaced, the last one (the best) always among them."""
    if len(ordered) <= most:
        return list(ordered)
    return [ordered[math.ceil((place + 1) * len(ordered) / most) - 1] for place in range(most)]


def tell_drawn(tried: Tried) -> str:
    """How many trials there are, and that some are left out."""
    known = len(scored(tried))
    told = count(len(tried.scores), "trial")
    left_out = max(0, known - MOST_TRIALS) + max(0, len(tried.scores) - known - MOST_TRIALS)
    return f"{told}, {MOST_TRIALS} drawn, evenly over all ranks" if left_out else told


def tell_best(tried: Tried) -> str:
    """The marked trial with its settings, in words."""
    marked = standing_out(tried)
    if not marked:
        return "no trial has a score"
    (best,), which = marked, "chosen:" if tried.chosen in marked else "best"
    settings = ", ".join(f"{setting.name} {_text(setting.values[best])}" for setting in tried.settings)
    return f"{which} {tried.score_label} {plain(tried.scores[best])}, trial {best + 1}, with {settings}"


def tell_marked(tried: Tried) -> str:
    """What the orange mark means."""
    marked = standing_out(tried)
    if not marked:
        return "No trial has a score."
    if tried.chosen not in marked:
        return "Orange is the best."
    best = tried.scores[scored(tried)[-1]]
    tail = "" if tried.scores[marked[0]] == best else ", though another scored better here: that is one seed's luck"
    return f"Orange is the one that was chosen{tail}."


def tell_range(tried: Tried) -> str:
    """From which to which value each setting was tried, in words."""
    return "; ".join(f"{setting.name} {_range(setting.values)}" for setting in tried.settings)


def _range(values: Sequence[float | str | None]) -> str:
    known = [value for value in values if value is not None]
    names = sorted({str(value) for value in known})
    if not known or any(isinstance(value, str) for value in known):
        return ", ".join(names[:12]) or "never set"
    numbers = [float(value) for value in known]
    return f"{plain(min(numbers))} to {plain(max(numbers))}"


def _text(value: float | str | None) -> str:
    return "none" if value is None else value if isinstance(value, str) else plain(float(value))
