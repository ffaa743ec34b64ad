"""What each trick of a study costs, measured within a part of its time and kept for machines like this one."""

from __future__ import annotations

import math
from collections.abc import Container, Sequence
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
"""Our choice: where seeds, or places, differ by more, other work was in between, and another study times them anew."""

COSTS = 1
"""Goes up whenever a change makes of a kept cost something else."""


def is_timed(session: Session, data: Data, recipe: Recipe, seed: int) -> bool:
    """Whether the training will be timed by this command, beside nothing else that it does."""
    return session.executor is None and not session.is_known(data, recipe, seed, Part())


Sides = dict[int, tuple[Recipe, Recipe]]
"""Of tricks, by their places: the two recipes whose seconds are compared, with it and without."""


def sides_of(baseline: Recipe, tricks: Sequence[Trick], design: Design, seed: int) -> Sides:
    """Of the tricks whose contrast holds one arm against one other."""
    arms, sides = compose_arms(baseline, tricks, design, [seed]), Sides()
    for contrast in design.contrasts(seed):
        if len(contrast.tricks) == 1 and len(contrast.weights) == 2:
            (one, weight), (other, _) = contrast.weights
            sides[contrast.tricks[0]] = (arms[one], arms[other]) if weight > 0 else (arms[other], arms[one])
    return sides


def told_by_trainings(
    session: Session, data: Data, baseline: Recipe, tricks: Sequence[Trick], design: Design, seed: int
) -> set[int]:
    """The tricks, by their places, whose seconds the first seed's trainings will tell: none is there already."""
    arms = compose_arms(baseline, tricks, design, [seed])
    timed = {arm for arm, recipe in arms.items() if is_timed(session, data, recipe, seed)}
    return {
        contrast.tricks[0] for contrast in design.contrasts(seed)
        if len(contrast.tricks) == 1 and timed.issuperset(arm for arm, _ in contrast.weights)
    }  # fmt: skip


def costs_in_time(
    session: Session, data: Data, baseline: Recipe, tricks: Sequence[Trick], sides: Sides, timed: Container[int],
    asked: Asked,
) -> Costs:  # fmt: skip
    """Of the baseline, and of it with each trick while a tenth of the time lasts, counted from here.

    A few updates suffice for memory and operations. Seconds are told by the trainings themselves, and timed in turn
    where these will not tell them, or where trainings are given their lengths by them. A study that goes on after a
    stop, when more than a tenth is over, finds again what was measured before.

    Args:
        sides: whose seconds are compared; of tricks without, the baseline's with it and without.
        timed: the tricks, by their places, whose seconds trainings will tell.
    """
    begun = session.share_used()
    costs, found, in_turn = Costs(cost_of(session, data, baseline)), dict[int, Cost](), dict[int, InTurn]()
    for place, trick in enumerate(tricks):
        if session.share_used() - begun > FOR_COSTS:
            break
        session.say(f"costs of {describe_part(trick)}")
        recipe, _ = put_in_place(baseline, trick, baseline.tricks)
        found[place] = cost_of(session, data, recipe)
        pair = sides.get(place, (recipe, baseline))
        if asked.equal == "seconds":
            in_turn[place] = in_turn_of(session, data, *pair)
        elif place not in timed:
            in_turn[place] = told_or_in_turn(session, data, *pair)
    return replace(costs, tricks=found, in_turn=in_turn)


def cost_of(session: Session, data: Data, recipe: Recipe) -> Cost:
    """Measured once for machines like this one."""

    def measure() -> dict[str, Any]:
        return asdict(measure_cost(recipe, data, device=session.device, places=FEW_PLACES, in_a_row=FEW_IN_A_ROW))

    return Cost(**session.measured(f"cost {COSTS} of {recipe.key()}: {FEW_PLACES} x {FEW_IN_A_ROW}", data, measure))


def in_turn_of(
    session: Session, data: Data, recipe: Recipe, other: Recipe, places: int = PLACES, in_a_row: int = IN_A_ROW
) -> InTurn:
    """Seconds of one recipe by those of the other, kept in the same way where the places agree."""

    def measure() -> dict[str, Any]:
        return asdict(measure_in_turn(recipe, other, data, device=session.device, places=places, in_a_row=in_a_row))

    name = f"seconds {COSTS} of {recipe.key()} by {other.key()}: {places} x {in_a_row}"
    return InTurn(**session.measured(name, data, measure, is_lasting=lambda one: _agree(one["low"], one["high"])))


def told_or_in_turn(session: Session, data: Data, recipe: Recipe, other: Recipe) -> InTurn:
    """As trainings told it when they were done, or from a few updates."""

    def measure() -> dict[str, Any]:
        return asdict(in_turn_of(session, data, recipe, other, TURNS, TIMED_IN_A_ROW))

    return InTurn(**session.measured(_told(recipe, other), data, measure, is_lasting=lambda _: False))


def keep_told(session: Session, data: Data, sides: Sides, effects: Sequence[StudiedEffect]) -> None:
    """What trainings told where several seeds agree, for studies that will find them again."""
    for effect in (one for one in effects if len(one.tricks) == 1 and one.tricks[0] in sides):
        low, high = effect.seconds_range
        if low < high and _agree(low, high):  # of one seed both are the same
            told = InTurn(effect.seconds_per_step_ratio, low, high, effect.whole_seconds_ratio, math.nan,
                          is_of_trainings=True)  # fmt: skip
            session.keep_measured(_told(*sides[effect.tricks[0]]), data, asdict(told))


def _told(recipe: Recipe, other: Recipe) -> str:
    return f"seconds {COSTS} of {recipe.key()} by {other.key()}: trainings"


def _agree(low: float, high: float) -> bool:
    return high <= FURTHEST_APART * low
