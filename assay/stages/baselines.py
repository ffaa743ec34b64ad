"""Dumb baselines: stage 2 in a run."""

from __future__ import annotations

from dataclasses import asdict

from assay.baselines.dumb import measure_baselines
from assay.data.data import Data
from assay.stages.session import Result, Session


def baselines_stage(session: Session, data: Data, seed: int) -> Result:
    """What predictors of no ambition reach."""
    seconds = session.seconds_for("baselines")
    report, baselines = measure_baselines(data, seed=seed, budget_seconds=seconds)
    return {"report": report.to_dict(), "baselines": [asdict(baseline) for baseline in baselines]}
