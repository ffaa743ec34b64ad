"""Tune: stage 5 in a run, with the usual search."""

from __future__ import annotations

from assay.data.data import Data
from assay.planning import plan_range_test, plan_search
from assay.recipe import Recipe
from assay.recipe_toml import recipe_to_toml
from assay.stages.comparison import comparison_plan, measured_speed, small_data
from assay.stages.session import Result, Session
from assay.stages.tuning_watch import trainer_of
from assay.tuning.search import Searched
from assay.tuning.tune import tune


def tune_stage(session: Session, data: Data, seed: int, recipe: Recipe) -> Result:
    """Which hyperparameters, learning rate first; on trainings as short as the ablation's."""
    plan, speed = comparison_plan(session, data, recipe, "tune"), measured_speed(session, data, recipe)
    seconds, batch_size = session.seconds_for("tune"), recipe.batch_size
    trials = session.decide("search", lambda: {"trials": plan_search(seconds, speed, plan, batch_size=batch_size)})
    steps = session.decide("range test", lambda: {"steps": plan_range_test(seconds, speed)})["steps"]

    def say(number: int, searched: Searched) -> None:
        share = (number + 1) / trials["trials"]
        session.say(f"setting {number + 1} of {trials['trials']}: {searched.value:.4f}", share)

    tuning = tune(
        recipe.change(epochs=plan.epochs), small_data(data, plan, seed), trials=trials["trials"], range_steps=steps,
        seed=seed, trainer=trainer_of(session), device=session.device,
        time_is_left=lambda: session.share_used() < 1, on_trial=say,
    )  # fmt: skip
    return {"report": tuning.report.to_dict(), "recipe": recipe_to_toml(tuning.recipe)}
