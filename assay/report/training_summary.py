"""`summary.json` of one training alone: what `assay train` leaves for programs, in the words of a run's summary."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from assay.report.summary import plain
from assay.run_folder import SUMMARY
from assay.training.train import Run
from assay.whole_file import write_whole


def write_training_summary(
    run: Run,
    folder: Path,
    *,
    source: str,
    model: Path,
    data: str,
    examples: dict[str, Any],
    environment: dict[str, Any],
) -> None:
    """Write it, whole or not at all.

    Args:
        data: the fingerprint of what it was trained on.
        examples: the score of each validation example, as `keep_scores` has it.
    """
    score = run.validation
    told = {
        "source": source, "seed": run.seed, "seconds": run.seconds, "steps": run.steps,
        "validation": {"metric": score.metric, "value": score.value, "interval": [score.low, score.high], "n": score.n},
        "test": None, "recipe": run.recipe.describe(), "model": str(model), "data": data, "examples": examples,
        "environment": environment,
    }  # fmt: skip
    text = json.dumps(plain(told), indent=2, ensure_ascii=False, allow_nan=False)
    write_whole(folder / SUMMARY, text + "\n")
