"""Overfit: stage 3 in a run."""

from __future__ import annotations

from assay.baselines.overfit import Fit, fit_on, overfit
from assay.data.data import Data
from assay.defaults import model_sizes
from assay.models.builder import ModelBuilder
from assay.stages.session import Result, Session


def overfit_stage(session: Session, data: Data, seed: int) -> Result:
    """Can a model big enough fit it at all."""
    sizes = model_sizes(data.specification)
    seconds = session.seconds_for("overfit")
    fit = fit_on(data, seed=seed, seconds=min(15.0, seconds / 2), device=session.device)

    def remembered(size: ModelBuilder) -> Fit:
        session.say(f"fits {size}")
        return Fit.from_dict(session.decide(f"overfit {size}", lambda: fit(size).to_dict()))

    return {"report": overfit(sizes, remembered, time_is_left=lambda: session.share_used() < 1).to_dict()}
