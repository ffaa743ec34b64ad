"""What an ablation said of single tricks: verdicts that hold for all of them at once, and what they mean for the score.

    verdict: helps or hurts, whichever way its metric is read, with one error rate for the whole family of tricks

The interval of a row is its own: of twenty tricks without effect one is beside 0 by chance.

Source: Holm 1979, as `assay.ablation` applies it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assay.advice.measurements import Measurements


def single_tricks(m: Measurements) -> list[Mapping[str, Any]]:
    """The rows of one trick each; what two add to each other is no reason to take either."""
    return [row for row in m.tricks if " and " not in row["trick"]]


def name_of(row: Mapping[str, Any]) -> str:
    """Without its settings: `Mixup` of `Mixup(alpha=0.2)`."""
    return row["trick"].split("(")[0]


def is_of_score(row: Mapping[str, Any]) -> bool:
    """Whether the effect is one on the score itself, and not on a loss or a calibration error."""
    return "metric" not in row


def gain_of(row: Mapping[str, Any]) -> float:
    """What the change brings to the score; 0 where another metric was measured."""
    return abs(float(row["effect"])) if is_of_score(row) else 0.0


def tell_effect(row: Mapping[str, Any]) -> str:
    """With its metric where that is not the score, interval, n and verdict."""
    of = "" if is_of_score(row) else f" of {row['metric']}"
    interval = f"{row['effect']:+.4f}{of} [{row['low']:+.4f}, {row['high']:+.4f}] (n = {row['n']})"
    return f"{row['trick']}: {interval}: {row['verdict']}"
