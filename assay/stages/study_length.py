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
from assay.planning import FEWEST_STEPS, OF_ALONE, TRICK_COST, Speed
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


def first_trainings(
    baseline: Recipe, tricks: Sequence[Trick], design: Design, seeds: Sequence[int]
) -> list[tuple[Recipe, int]]:
    """What is trained before the first look, which has these seeds."""
    arms = compose_arms(baseline, tricks, design, seeds)
    return [(arms[arm], seed) for seed in seeds for arm in design.arms(seed)]


def require_time(
    session: Session, data: Data, baseline: Recipe, first: Sequence[tuple[Recipe, int]], asked: Asked
) -> None:
    """Refuse trainings so long that the budget ends before the first look; those that are there take no time.

    Raises:
        InputError: tells what the first look would take.
    """
    if math.isinf(session.budget.total):
        return
    trainings = sum(not session.is_known(data, recipe, seed, Part()) for recipe, seed in first)
    if not trainings:
        return
    steps = baseline.epochs * len(data.train) / baseline.batch_size
    needed = trainings * seconds_of_training(steps, measured_speed(session, data, baseline), data)
    if needed > seconds_for_trainings(session):
        raise InputError(
            f"a budget of {session.budget.total:.0f} s is too small for {trainings} trainings of "
            f"{baseline.epochs:.3g} epochs (design {asked.design}, {asked.looks.seeds[0]} seeds, the fewest that tell "
            f"anything): give at least --budget {budget_for(needed)}, fewer --tricks, or fewer --epochs"
        )


def affordable(session: Session, data: Data, recipe: Recipe, count: int, asked: Asked) -> float:
    """Epochs with which each arm has five seeds within the budget, as a round number.

    Raises:
        InputError: there would be hardly any steps; tells what the smallest honest answer would take.
    """
    seeds = min(SURE_SEEDS, asked.looks.seeds[-1])
    trainings = sum(trainings_of_seed(asked, count, seed) for seed in range(seeds))
    speed, each = measured_speed(session, data, recipe), seconds_for_trainings(session) / trainings
    steps = (each - seconds_of_training(0, speed, data)) / (TRICK_COST * speed.step)
    if steps < FEWEST_STEPS:
        needed = trainings * seconds_of_training(FEWEST_STEPS, speed, data)
        raise InputError(
            f"a budget of {session.budget.total:.0f} s is too small for {trainings} trainings of {FEWEST_STEPS} steps "
            f"(design {asked.design}, {seeds} seeds): give at least --budget {budget_for(needed)}, fewer --tricks, or "
            "fewer --seeds"
        )
    return round_down(max(steps * recipe.batch_size / len(data.train), 0.05))


def seconds_of_training(steps: float, speed: Speed, data: Data) -> float:
    """With a trick, say, and judged once."""
    return TRICK_COST * steps * speed.step + speed.evaluation * len(data.validation)


def seconds_for_trainings(session: Session) -> float:
    """Of the stage's time, what costs leave."""
    return (1 - FOR_COSTS) * session.seconds_for("ablate")


def budget_for(seconds: float) -> str:
    """The least budget that leaves so many seconds for trainings, as one writes it."""
    return budget_text(seconds / (OF_ALONE * (1 - FOR_COSTS)))


def round_down(epochs: float) -> float:
    """To ..., 1, 1.5, 2, 3, 4, 6, 8, 12, ...: a machine a little slower than last time asks for the same trainings."""
    octave = 2.0 ** math.floor(math.log2(epochs))
    return 1.5 * octave if epochs >= 1.5 * octave else octave
