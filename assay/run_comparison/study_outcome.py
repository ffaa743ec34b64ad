"""What a study or a search alone came to: what each trick was worth, or what the best settings brought."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from assay.report.wording import effect, effect_interval, is_number, metric_name, score

HELPS, HURTS = "helps", "hurts"
TUNED = "tuned"
"""The finding of a search that tells of its best settings."""


class MeasuredEffect(NamedTuple):
    """What a trick, or a choice of them, was worth, with its 95 % interval over n seeds."""

    trick: str
    metric: str
    value: float | None
    low: float | None
    high: float | None
    n: int | None
    verdict: str

    @property
    def text(self) -> str:
        """`+0.42 [+0.10, +0.74], n = 5, helps`."""
        of = "" if self.n is None else f", n = {self.n}"
        values = f"{effect(self.metric, self.value)} {effect_interval(self.metric, self.low, self.high)}"
        return f"{values}{of}, {self.verdict}"


def effects_of(result: Mapping[str, Any]) -> tuple[MeasuredEffect, ...]:
    """Those that an ablation measured, from its stage's result; none where it has none."""
    findings = (result.get("report") or {}).get("findings") or ()
    told = [one.get("evidence", {}).get("metric") for one in findings if one.get("id") == "trick_effects"]
    usual = next((metric for metric in told if metric), "accuracy")
    return tuple(
        MeasuredEffect(str(row.get("trick")), row.get("metric") or usual, row.get("effect"), row.get("low"),
                       row.get("high"), row.get("n"), str(row.get("verdict", "")))
        for row in result.get("tricks") or ()
    )  # fmt: skip


def outcome_of(summary: Mapping[str, Any], stage: str) -> str:
    """In a few words, from the summary that a stage alone leaves; empty where it says nothing of this stage."""
    told = (summary.get("stages") or {}).get(stage) or {}
    rows = summary.get("tricks") or ()
    if told and rows:
        return count_verdicts(str(row.get("verdict", "")) for row in rows)
    found = [one.get("evidence") or {} for one in told.get("findings") or () if one.get("id") == TUNED]
    return tell_gain(found[0]) if found else ""


def count_verdicts(verdicts: Iterable[str]) -> str:
    """`2 of 12 help, 1 hurts`; an effect that is not clear is neither."""
    kept = list(verdicts)
    helps, hurts = (sum(verdict.startswith(word) for verdict in kept) for word in (HELPS, HURTS))
    told = f"{helps or 'none'} of {len(kept)} {'help' if helps > 1 else 'helps'}"
    return f"{told}, {hurts} {'hurts' if hurts == 1 else 'hurt'}" if hurts else told


def tell_gain(evidence: Mapping[str, Any]) -> str:
    """`accuracy 98.1 %, +0.42 [+0.10, +0.74] by tuning`."""
    metric, after = evidence.get("metric"), evidence.get("after")
    if not isinstance(metric, str) or not is_number(after):
        return ""
    gain = (
        f"{effect(metric, evidence.get('gain'))} {effect_interval(metric, evidence.get('low'), evidence.get('high'))}"
    )
    return f"{metric_name(metric)} {score(metric, after)}, {gain} by tuning"
