"""What a trick was worth here: what finished ablations of this project measured of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assay.ablation.wording import CLEAR_ALONE, leaves_out_zero
from assay.report.wording import MINUS, effect, effect_interval, metric_name


@dataclass(frozen=True)
class Worth:
    """One ablation's measurement, over n paired trainings; `run` is the folder it lies in.

    effect, low, high, detectable: in units of the metric (.004 is .4 points of accuracy); detectable: the smallest
    effect that would have been seen, where none was and it is known.
    """

    run: str
    source: str
    trick: str
    metric: str
    effect: float
    low: float
    high: float
    n: int
    verdict: str
    detectable: float | None = None

    @property
    def sentence(self) -> str:
        """All figures in one unit: points of accuracy, or the metric itself."""
        unit = "points" if self.metric == "accuracy" else metric_name(self.metric)
        seen = "" if self.detectable is None else self._told_detectable(unit)
        if self.verdict.startswith("no measurable effect") and leaves_out_zero(self.low, self.high):
            seen = f"; {CLEAR_ALONE}"
        return (
            f"{self.source} ({self.run}): {self.trick} {self.verdict}, {effect(self.metric, self.effect)} "
            f"{effect_interval(self.metric, self.low, self.high)} {unit} (95 %, n = {self.n}{seen})"
        )

    def _told_detectable(self, unit: str) -> str:
        least = effect(self.metric, self.detectable).lstrip("+")
        return f"; would have seen \N{GREATER-THAN OR EQUAL TO} {least} {unit}"


def read_worth(name: str, run: str, source: str, rows: Sequence[Mapping[str, Any]], findings: Any) -> list[Worth]:
    """What one ablation's rows say of the trick class `name`.

    Args:
        rows: as the database or a summary keeps them; findings: the ablation's, which name its unit.
    Raises:
        KeyError, TypeError, ValueError: they are not an ablation's.
    """
    units = [finding["evidence"]["unit"] for finding in findings if finding["id"] == "trick_effects"]
    found = []
    for row in rows:
        if row["trick"].partition("(")[0] == name:
            metric = "accuracy" if units[0] == "points" else units[0]
            low, high = row["interval"] if "interval" in row else (row["low"], row["high"])
            verdict, _, detail = row["verdict"].partition(" (")
            unclear = verdict.startswith("no measurable effect")
            least = row.get("detectable", _read_detectable(detail, metric)) if unclear else None
            found.append(Worth(run, source, row["trick"], metric, row["effect"], low, high, row["n"], verdict, least))
    return found


def _read_detectable(detail: str, metric: str) -> float | None:
    """Out of a summary's `would have seen ... 27.51 points`, in units of the metric."""
    number = re.search(rf"[-{MINUS}]?\d+(\.\d+)?", detail)
    return float(number[0].replace(MINUS, "-")) / (100.0 if metric == "accuracy" else 1.0) if number else None
