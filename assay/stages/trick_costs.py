"""What each trick of a study costs, measured within a part of its time and kept for every study on this machine."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from typing import Any

from assay.ablation.arms import compose_arms
from assay.ablation.asked import Asked
from assay.ablation.cost_findings import Costs
from assay.ablation.costs import IN_A_ROW, PLACES, Cost, InTurn, measure_cost, measure_in_turn
from assay.ablation.designs.design import Design
from assay.ablation.studied import StudiedEffect
from assay.data.data import Data
from assay.in_place import put_in_place
from assay.recipe import Recipe, Trick, describe_part
from assay.stages.session import Session
from assay.stages.study_length import FOR_COSTS
from assay.training.part import Part

FEW_PLACES, FEW_IN_A_ROW = 2, 2
"""For memory and operations: at a quarter and three quarters of the way; the optimiser has its state from step 2 on."""

TURNS, TIMED_IN_A_ROW = 3, 4
"""Stretches of updates that are timed in turn with the baseline's, where trainings do not tell seconds.

Our choice: of three places one that other work disturbed stands out; the first of four sets up and does not count.
"""

FURTHEST_APART = 1.25
"""Our choice: seeds whose seconds differ by more were timed beside other work; another study times them anew."""


def is_timed(session: Session, data: Data, recipe: Recipe, seed: int) -> bool:
    """Whether the training will be timed by this command, beside nothing else that it does."""
    return session.executor is None and not session.is_known(data, recipe, seed, Part())


Sides = dict[int, tuple[Recipe, Recipe]]
"""Of tricks, by their places: the two recipes whose seconds are compared, with it and without."""


def sides_of(baseline: Recipe, tricks: Sequence[Trick], design: Design, seed: int) -> Sides:
    """Those that its contrast holds against each other; where that weighs many, the baseline with it and without."""
    arms, sides = compose_arms(baseline, tricks, design, [seed]), Sides()
    for contrast in (one for one in design.contrasts(seed) if len(one.tricks) == 1):
        (place,) = contrast.tricks
        if len(contrast.weights) == 2:
            (one, weight), (other, _) = contrast.weights
            sides[place] = (arms[one], arms[other]) if weight > 0 else (arms[other], arms[one])
        else:
            sides[place] = put_in_place(baseline, tricks[place], baseline.tricks)[0], baseline
    return sides


def untold_of(
    session: Session, data: Data, baseline: Recipe, tricks: Sequence[Trick], design: Design, seed: int
) -> Sides:
    """Of the tricks whose seconds the first seed's trainings will not tell: some of them are there already."""
    arms = compose_arms(baseline, tricks, design, [seed])
    timed = {arm for arm, recipe in arms.items() if is_timed(session, data, recipe, seed)}
    told = {one.tricks for one in design.contrasts(seed) if timed.issuperset(arm for arm, _ in one.weights)}
    sides = sides_of(baseline, tricks, design, seed)
    return {place: pair for place, pair in sides.items() if (place,) not in told}


def costs_in_time(
    session: Session, data: Data, baseline: Recipe, tricks: Sequence[Trick], untold: Sides, asked: Asked
) -> Costs:
    """Of the baseline, and of it with each trick while a tenth of the time lasts, counted from here.

    A few updates suffice for memory and operations. Seconds are told by the trainings themselves, and timed in turn
    where these will not tell them, or where trainings are given their lengths by them. A study that goes on after a
    stop, when more than a tenth is over, finds again what was measured before.

    Args:
        untold: what to time in turn of the tricks whose seconds trainings will not tell.
    """
    begun = session.share_used()
    costs, found, in_turn = Costs(cost_of(session, data, baseline)), dict[int, Cost](), dict[int, InTurn]()
    for place, trick in enumerate(tricks):
        if session.share_used() - begun > FOR_COSTS:
            break
        session.say(f"costs of {describe_part(trick)}")
        recipe, _ = put_in_place(baseline, trick, baseline.tricks)
        found[place] = cost_of(session, data, recipe)
        if asked.equal == "seconds":
            in_turn[place] = in_turn_of(session, data, recipe, baseline)
        elif place in untold:
            in_turn[place] = in_turn_of(session, data, *untold[place], TURNS, TIMED_IN_A_ROW)
    return replace(costs, tricks=found, in_turn=in_turn)


def cost_of(session: Session, data: Data, recipe: Recipe) -> Cost:
    """Measured once: every study on this machine has the same."""

    def measure() -> dict[str, Any]:
        return asdict(measure_cost(recipe, data, device=session.device, places=FEW_PLACES, in_a_row=FEW_IN_A_ROW))

    return Cost(**session.measured(f"cost of {recipe.key()} at {FEW_PLACES} places", data, measure))


def in_turn_of(
    session: Session, data: Data, recipe: Recipe, other: Recipe, places: int = PLACES, in_a_row: int = IN_A_ROW
) -> InTurn:
    """Seconds of one recipe by those of the other, kept in the same way."""

    return _kept(session, data, recipe, other, places, lambda: measure_in_turn(
        recipe, other, data, device=session.device, places=places, in_a_row=in_a_row))  # fmt: skip


def keep_told(session: Session, data: Data, sides: Sides, effects: Sequence[StudiedEffect]) -> None:
    """What trainings told where their seeds agree, for a study elsewhere that will find them again."""
    for effect in (one for one in effects if len(one.tricks) == 1 and one.tricks[0] in sides):
        low, high = effect.seconds_range
        if high <= FURTHEST_APART * low:
            told = InTurn(effect.seconds_per_step_ratio, low, high, effect.whole_seconds_ratio, math.nan,
                          is_of_trainings=True)  # fmt: skip
            _kept(session, data, *sides[effect.tricks[0]], TURNS, lambda told=told: told)


def _kept(
    session: Session, data: Data, recipe: Recipe, other: Recipe, places: int, measure: Callable[[], InTurn]
) -> InTurn:
    def plain() -> dict[str, Any]:
        return {name: None if math.isnan(value) else value for name, value in asdict(measure()).items()}

    kept = session.measured(f"{recipe.key()} by {other.key()} in turn at {places} places", data, plain)
    values: dict[str, Any] = {name: math.nan if value is None else value for name, value in kept.items()}
    return InTurn(**values)
