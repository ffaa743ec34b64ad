"""What a command left in its folder, as parameters, scores and files for a tracking tool."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from assay.errors import InputError
from assay.run_folder import RECIPE, REPORT, SUMMARY, read_recipe_table, read_summary
from assay.store.run_details import last_asked
from assay.tracking.sink import Outcome

FILES = (REPORT, RECIPE, SUMMARY, "effects.md")
STUDIES = ("ablate", "tune")
"""Stages that may be asked a study or a search."""


def read_outcome(folder: Path, *, finished: bool) -> Outcome:
    """As far as it came; a file that is not there is left out."""
    return Outcome(
        finished, parameters=dict(parameters_of(folder)), scores=dict(scores_of(read_summary(folder))),
        files=tuple(folder / name for name in FILES if (folder / name).is_file()),
    )  # fmt: skip


def parameters_of(folder: Path) -> Iterator[tuple[str, object]]:
    """The recipe that lies there, else the baseline of a study; and what a study or a search was asked."""
    table = read_recipe_table(folder)
    try:
        asked = last_asked(folder, *STUDIES)
    except InputError:
        # It stops no training, and no tool from being told the rest.
        asked = None
    request, toml = asked or ({}, "")
    yield from settings_of(table or tomllib.loads(toml))
    for name, value in (request.get("study") or {}).items():
        if value is not None:
            yield f"study.{name}", ", ".join(value) if isinstance(value, list) else value


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
    """Scores of both splits with their limits, and what each trick was worth with its limits and n; numbers only."""
    for split in ("validation", "test"):
        told = summary.get(split) or {}
        low, high = told.get("interval") or (None, None)
        name = f"{split}/{told.get('metric')}"
        yield from _numbers({name: told.get("value"), f"{name}_low": low, f"{name}_high": high})
    for row in summary.get("tricks") or ():
        low, high = row.get("interval") or (None, None)
        name = f"tricks/{row['trick']}"
        yield from _numbers({f"{name}/effect": row.get("effect"), f"{name}/effect_low": low,
                             f"{name}/effect_high": high, f"{name}/n": row.get("n")})  # fmt: skip


def _numbers(values: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    for name, value in values.items():
        if isinstance(value, int | float) and math.isfinite(value):
            yield name, float(value)
