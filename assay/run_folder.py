"""The folder of a run or a training: what its files are called, and what is read from them without being sure of them.

A run may be under way or stopped, and its files are anyone's to change: what cannot be read is as if it were not there.
What its database tells is `assay.store.finished`.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path("assay-runs")
"""Where commands put what they leave, if nobody names another place."""

DATABASE = "assay.db"
SUMMARY = "summary.json"
REPORT = "report.html"
RECIPE = "recipe.toml"
MODEL = "model.safetensors"
CURVES = "curves.jsonl"
TRAINING = "training.json"
CHECKPOINT = "training.checkpoint"
AUDIT = "audit.parquet"
WORK = "work"
"""Where a run keeps trainings under way."""

MARKS = (DATABASE, CURVES, SUMMARY)
"""By one of these a folder is known for a run's."""


def is_run(folder: Path) -> bool:
    """Whether a run or a training left something there."""
    return folder.is_dir() and any((folder / mark).is_file() for mark in MARKS)


def last_sign(folder: Path) -> float:
    """When something was written there, in seconds since 1970; 0 where nothing was."""
    files = [folder / name for name in (*MARKS, f"{DATABASE}-wal")]
    return max((file.stat().st_mtime for file in files if file.is_file()), default=0.0)


def read_summary(folder: Path) -> Mapping[str, Any]:
    """What a finished run says of itself; empty before."""
    try:
        found = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def read_recipe_table(folder: Path) -> Mapping[str, Any]:
    """The recipe that lies there, as its file has it; empty without one."""
    try:
        return tomllib.loads((folder / RECIPE).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
