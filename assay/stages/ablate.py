"""Regularise by measured ablation: stage 4 in a run, where Assay chooses the candidates."""

from __future__ import annotations

from assay.ablation.choice import choose_stack
from assay.ablation.metrics.catalog import metric_for
from assay.ablation.sequential import USUAL_LOOKS, Looks
from assay.ablation.summary_rows import rows_for_summary
from assay.ablation.timed_here import timed_here
from assay.data.data import Data
from assay.defaults import baseline_recipe, candidate_tricks, default_recipe
from assay.recipe_toml import recipe_to_toml
from assay.stages.comparison import comparison_plan, small_data
from assay.stages.session import Result, Session
from assay.stages.trick_costs import is_timed


def ablate_stage(session: Session, data: Data, seed: int) -> Result:
    """Which tricks pay here, by how much, how sure are we."""
    specification = data.specification
    baseline = baseline_recipe(specification, len(data.train), device=session.device)
    candidates = candidate_tricks(specification)
    plan = comparison_plan(session, data, baseline, "ablate")
    small = small_data(data, plan, seed)
    expert = default_recipe(specification, len(data.train), epochs=plan.epochs, device=session.device)
    measure_all = timed_here(session.measure_all_on(small), lambda one, number: is_timed(session, small, one, number))
    choice = choose_stack(
        baseline.change(epochs=plan.epochs), candidates[: plan.candidates], measure_all,
        looks=Looks((*(look for look in USUAL_LOOKS if look < plan.seeds), plan.seeds)), first_seed=seed, rival=expert,
        share_used=session.share_used, metric=metric_for(specification.metric, specification.task),
        training=f"trainings of {plan.epochs:.3g} epochs of {len(small.train):,} examples",
    )  # fmt: skip
    rows = rows_for_summary(choice.study, choice.tricks, choice.recipe) if choice.study else []
    return {"report": choice.report.to_dict(), "tricks": rows, "recipe": recipe_to_toml(choice.recipe)}
