"""How short the trainings of ablation and tuning are: one plan and one measured speed for both."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from assay.data.data import Data
from assay.data.loader import order_for_epoch
from assay.defaults import candidate_tricks
from assay.planning import ComparisonPlan, Speed, measure_speed, plan_ablation
from assay.recipe import Recipe
from assay.stages.session import Session


def measured_speed(session: Session, data: Data, recipe: Recipe) -> Speed:
    """Of the recipe that the comparisons start from; measured once."""
    return Speed(**session.decide("speed", lambda: asdict(measure_speed(recipe, data, device=session.device))))


def comparison_plan(session: Session, data: Data, recipe: Recipe, stage: str) -> ComparisonPlan:
    """The plan that ablation and tuning share, made by whichever comes first."""

    def make() -> dict[str, Any]:
        return asdict(plan_ablation(
            session.seconds_for(stage), measured_speed(session, data, recipe), batch_size=recipe.batch_size,
            examples=len(data.train), validation=len(data.validation),
            candidates=len(candidate_tricks(data.specification)),
        ))  # fmt: skip

    return ComparisonPlan(**session.decide("comparison plan", make))


def small_data(data: Data, plan: ComparisonPlan, seed: int) -> Data:
    """The seeded part of training and validation split that the plan has time for."""
    train = order_for_epoch(len(data.train), seed, -1)[: plan.examples]
    validation = order_for_epoch(len(data.validation), seed, -2)[: plan.validation]
    return replace(data, train=data.train.select(train), validation=data.validation.select(validation))
