"""`training.json`: what a training alone leaves for whoever advises on it: curves, scores, how it was asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from assay.advice.advise import curves_of
from assay.advice.asked import AskedData
from assay.advice.from_training import score_of
from assay.advice.of_data import ask_neighbours, count_classes
from assay.data.data import Data
from assay.errors import InputError
from assay.run_folder import TRAINING
from assay.store.json_text import from_json, to_json
from assay.training.train import Run
from assay.whole_file import write_whole

VERSION = 1


def write_training(folder: Path, run: Run, data: Data, asked: AskedData) -> None:
    """Keep what the advice needs of a finished training beside its model."""
    curves = curves_of(run, len(data.train))
    kept = {
        "version": VERSION,
        "request": asdict(asked),
        "metric": curves.metric,
        "chance": curves.chance,
        "steps_per_epoch": curves.steps_per_epoch,
        "input_shape": list(data.specification.input_shape),
        "examples": len(data.train),
        "validation_examples": len(data.validation),
        "per_class": count_classes(data),
        "neighbours": ask_neighbours(data),
        "shipped": asdict(score_of(run.validation)),
        "history": run.history.to_dict(),
    }
    write_whole(folder / TRAINING, to_json(kept) + "\n")


def read_training(path: Path) -> Mapping[str, Any]:
    """What `write_training` wrote.

    Raises:
        InputError: the file cannot be read, is cut short, or is of another version.
    """
    try:
        values = from_json(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({(error.strerror or str(error)).lower()}); train again") from error
    except (ValueError, RecursionError) as error:
        reason = "no JSON, or cut short" if isinstance(error, json.JSONDecodeError) else str(error)
        raise InputError(f"{path}: this training cannot be read ({reason}); train again into another folder") from error
    version = values.get("version") if isinstance(values, dict) else None
    if version != VERSION:
        raise InputError(
            f"{path}: must be of version {VERSION}, got {version!r}; train again, or use that version of Assay"
        )
    return values
