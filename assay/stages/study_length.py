"""How long the trainings of a study are: as its budget allows, or as was asked if there is time for that."""

from __future__ import annotations

import math
from collections.abc import Sequence

from assay.ablation.arms import compose_arms
from assay.ablation.asked import Asked
from assay.ablation.designs.catalog import find_design
from assay.ablation.designs.design import Design
from assay.ablation.stepwise import STEPWISE
from assay.budget import budget_text
from assay.data.data import Data
from assay.errors import InputError
from assay.planning import FEWEST_STEPS, OF_ALONE, TRICK_COST
from assay.recipe import Recipe, Trick
from assay.stages.comparison import measured_speed
from assay.stages.session import Session
from assay.training.part import Part

SURE_SEEDS = 5
"""Each arm is planned to have as many; looking early mostly leaves time for more of what is unclear."""

FOR_COSTS = 0.1
"""Share of the time in which memory and operations of each trick are measured, before anything is trained."""

PLANNED_ROUNDS = 3
"""Of a stepwise study: two tricks join and then none, say."""


def trainings_of_seed(asked: Asked, count: int, seed: int) -> int:
    """How many trainings each seed takes; of a stepwise study those of its first rounds."""
    if asked.design == STEPWISE:
        return sum(count + 1 - number for number in range(min(PLANNED_ROUNDS, count)))
    return len(find_design(asked.design)(count).arms(seed))


def require_time(
    session: Session, data: Data, baseline: Recipe, tricks: Sequence[Trick], design: Design, seed: int, asked: Asked
) -> None:
    """Refuse trainings so long that the budget ends before the first look; those that are there take no time.

    Raises:
        InputError: tells what the first look would take.
    """
    if math.isinf(session.budget.total):
        return
    seeds = range(seed, seed + asked.looks.seeds[0])
    recipes = compose_arms(baseline, tricks, design, seeds)
    trainings = sum(not session.is_known(data, recipes[arm], one, Part()) for one in seeds for arm in design.arms(one))
    if not trainings:
        return
    speed = measured_speed(session, data, baseline)
    steps = baseline.epochs * len(data.train) / baseline.batch_size
    needed = trainings * (steps * speed.step + speed.evaluation * len(data.validation))
    if needed > session.seconds_for("ablate"):
        raise InputError(
            f"a budget of {session.budget.total:.0f} s is too small for {trainings} trainings of "
            f"{baseline.epochs:.3g} epochs (design {asked.design}, {asked.looks.seeds[0]} seeds, the fewest that tell "
            f"anything): give at least --budget {budget_text(needed / OF_ALONE)}, fewer --tricks, or fewer --epochs"
        )


def affordable(session: Session, data: Data, recipe: Recipe, count: int, asked: Asked) -> float:
    """Epochs with which each arm has five seeds within the budget, as a round number.

    Raises:
        InputError: there would be hardly any steps; tells what the smallest honest answer would take.
    """
    seeds = min(SURE_SEEDS, asked.looks.seeds[-1])
    trainings = sum(trainings_of_seed(asked, count, seed) for seed in range(seeds))
    speed = measured_speed(session, data, recipe)
    judging = speed.evaluation * len(data.validation)
    each = (1 - FOR_COSTS) * session.seconds_for("ablate") / trainings
    steps = (each - judging) / (TRICK_COST * speed.step)
    if steps < FEWEST_STEPS:
        needed = trainings * (TRICK_COST * FEWEST_STEPS * speed.step + judging) / (OF_ALONE * (1 - FOR_COSTS))
        raise InputError(
            f"a budget of {session.budget.total:.0f} s is too small for {trainings} trainings of {FEWEST_STEPS} steps "
            f"(design {asked.design}, {seeds} seeds): give at least --budget {budget_text(needed)}, fewer --tricks, or "
            "fewer --seeds"
        )
    return round_down(max(steps * recipe.batch_size / len(data.train), 0.05))


def round_down(epochs: float) -> float:
    """To ..., 1, 1.5, 2, 3, 4, 6, 8, 12, ...: a machine a little slower than last time asks for the same trainings."""
    octave = 2.0 ** math.floor(math.log2(epochs))
    return 1.5 * octave if epochs >= 1.5 * octave else octave
