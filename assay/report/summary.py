"""`summary.json`: the run for programs, in strict JSON.

What is not reached yet is null; numbers that are not finite are null too, since JSON has no NaN.
"""

from __future__ import annotations

import json
import math
import numbers
from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

from assay.finding import Finding
from assay.report.story import Baseline, RunStory, Score, TrickRow
from assay.report.trick_verdicts import verdict_text
from assay.whole_file import write_whole


def write_summary(story: RunStory, path: str | PathLike[str]) -> Path:
    """Write `summarize(story)` to `path`, whole or not at all."""
    target = Path(path)
    text = json.dumps(summarize(story), indent=2, ensure_ascii=False, allow_nan=False)
    write_whole(target, text + "\n")
    return target


def summarize(story: RunStory) -> dict[str, Any]:
    """The run as plain JSON values; an interval is [low, high] at 95 %."""
    summary = {
        "source": story.source,
        "seed": story.seed,
        "seconds": story.seconds,
        "stages": {
            stage.name: {
                "status": stage.status,
                "seconds": stage.seconds,
                "findings": [_finding(finding) for finding in stage.report.findings],
            }
            for stage in story.ordered_stages
        },
        "baselines": {row.name: row.value for row in (Baseline(*row) for row in story.baselines)},
        "validation": _score(story.validation),
        "test": None if story.test is None else {**(_score(story.test) or {}), "reads": story.test.reads},
        "tricks": [_trick(row, story.effect_metric) for row in story.tricks],
        "recipe": story.recipe,
        "model": story.model,
        "report": story.report,
        "environment": story.environment,
    }
    return plain(summary)


def _finding(finding: Finding) -> dict[str, Any]:
    """Without its figures: those are for eyes, and large."""
    return {name: value for name, value in finding.to_dict().items() if name != "figures"}


def _score(score: Score | None) -> dict[str, Any] | None:
    if score is None:
        return None
    return {"metric": score.metric, "value": score.value, "interval": [score.low, score.high], "n": score.n}


def _trick(row: TrickRow, metric: str) -> dict[str, Any]:
    return {
        "trick": row.trick,
        "effect": row.effect,
        "interval": [row.low, row.high],
        "n": row.n,
        "verdict": verdict_text(row, metric),
        "kept": row.kept,
        "seconds_per_step_ratio": row.seconds_per_step_ratio,
        **({"metric": row.metric} if row.metric else {}),
        **row.more,
    }


def plain(value: Any) -> Any:
    """Only what strict JSON holds; anything else (a path, a date) as its text."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, numbers.Real):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, Sequence):
        return [plain(item) for item in value]
    return str(value)
