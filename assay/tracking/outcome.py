"""What a command left in its folder, as parameters, scores and files for a tracking tool."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from assay.run_folder import RECIPE, REPORT, SUMMARY, read_recipe_table, read_summary
from assay.tracking.sink import Outcome

FILES = (REPORT, RECIPE, SUMMARY, "effects.md")


def read_outcome(folder: Path, *, finished: bool) -> Outcome:
    """As far as it came; a file that is not there is left out."""
    summary = read_summary(folder)
    return Outcome(
        finished, parameters=dict(settings_of(read_recipe_table(folder))), scores=dict(scores_of(summary)),
        files=tuple(folder / name for name in FILES if (folder / name).is_file()),
    )  # fmt: skip


def settings_of(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, object]]:
    """A recipe file setting by setting: `optimizer.learning_rate`, `tricks.Mixup.alpha`."""
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from settings_of(value, f"{prefix}{name}.")
        elif isinstance(value, list) and value and all(isinstance(item, Mapping) for item in value):
            for item in value:
                of = f".{item['of']}" if "of" in item else ""
                yield from settings_of(item, f"{prefix}{name}.{item.get('kind', '')}{of}.")
        else:
            yield prefix + name, value


def scores_of(summary: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """Scores of both splits with their limits, and what each trick was worth; numbers only."""
    for split in ("validation", "test"):
        told = summary.get(split) or {}
        low, high = told.get("interval") or (None, None)
        name = f"{split}/{told.get('metric')}"
        yield from _numbers({name: told.get("value"), f"{name}_low": low, f"{name}_high": high})
    for row in summary.get("tricks") or ():
        yield from _numbers({f"tricks/{row['trick']}/effect": row.get("effect")})


def _numbers(values: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    for name, value in values.items():
        if isinstance(value, int | float) and math.isfinite(value):
            yield name, float(value)
