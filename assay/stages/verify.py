"""Is the pipeline correct: stage 2 in a run."""

from __future__ import annotations

from assay.checks.recipe_training import verify_recipe
from assay.data.data import Data
from assay.recipe import Recipe
from assay.stages.session import Result, Session


def verify_stage(session: Session, data: Data, seed: int, recipe: Recipe) -> Result:
    """Is the pipeline correct: the recipe's own loader, network, loss, step and optimiser, on the run's device."""
    seconds = session.seconds_for("verify")
    return {"report": verify_recipe(recipe, data, seed=seed, device=session.device, budget_seconds=seconds).to_dict()}
