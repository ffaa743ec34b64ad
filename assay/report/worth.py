"""What a trick was worth here: what finished runs of this project measured of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Worth:
    """One run's measurement: effect and interval in units of the metric, n paired trainings."""

    run: str
    source: str
    trick: str
    effect: float
    low: float
    high: float
    n: int
    verdict: str

    @property
    def sentence(self) -> str:
        return (
            f"{self.source} ({self.run}): {self.trick} {self.verdict}, {self.effect:+.4f} "
            f"[{self.low:+.4f}, {self.high:+.4f}] (95 %, n = {self.n})"
        )


def find_worth(name: str, root: Path) -> list[Worth]:
    """What the runs in `root` say of the trick class `name`; a summary that cannot be read is passed by."""
    found = []
    for path in sorted(root.glob("*/summary.json")):
        try:
            summary = json.loads(path.read_text(encoding="utf-8"))
            for row in summary["tricks"]:
                if row["trick"].partition("(")[0] == name:
                    low, high = row["interval"]
                    found.append(Worth(str(path.parent), summary["source"], row["trick"], row["effect"], low, high,
                                       row["n"], row["verdict"]))  # fmt: skip
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return found
