"""A tuning of one's own choosing: learning rate first, then a search in rounds, and what its winner is worth.

range test -> bracket above it -> search, round after round -> best few on fresh seeds -> gain on kept-back examples
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice

import torch

from assay.data.data import Data
from assay.randomness import derive_seed
from assay.recipe import Recipe
from assay.trial import MeasureAll
from assay.tuning.bracket import MOST_RATES, climb, span_around
from assay.tuning.halving import halve
from assay.tuning.importance import Importance, measure_importance
from assay.tuning.judging import (
    Finalists,
    Gain,
    Parts,
    Reached,
    compare_finalists,
    keep_back,
    measure_gain,
    measure_own,
)
from assay.tuning.narrowing import narrow
from assay.tuning.plan import FINALISTS, Plan
from assay.tuning.range_test import RangeTest, find_range
from assay.tuning.search import Bench, search, try_all
from assay.tuning.searched import Searched, best_first
from assay.tuning.setting import settings_of, with_settings
from assay.tuning.space import Space
from assay.tuning.stopping import LOOKS_OF_THIRDS, below_best_third
from assay.tuning.strategy import Strategy, cmaes, grid_settings, in_order, random_search, tpe
from assay.tuning.yardstick import Yardstick

LEARNING = ("tpe", "cmaes")
"""Searches whose every proposal depends on the answers before it: their trials follow one another."""
SEARCHES = ("random", "grid", *LEARNING)


@dataclass(frozen=True)
class Round:
    """Where one round looked, what its trials found, and its best few on fresh seeds; None where there was no time.

    is_cut_short: whether time was up for trials that were still to come.
    """

    space: Space
    found: tuple[Searched, ...]
    few: tuple[Searched, ...]
    finalists: Finalists | None
    is_cut_short: bool = False


@dataclass(frozen=True)
class Tuned:
    """All that a tuning found.

    first: the recipe's own settings and the bracket's. winner: None where nothing was trained to its end; gain: None
    where the recipe's own settings won, or there was no time to measure it. own_reached: where they won.
    """

    plan: Plan
    own: Recipe
    tested: RangeTest | None
    first: tuple[Searched, ...]
    rounds: tuple[Round, ...]
    winner: Searched | None
    gain: Gain | None
    importance: tuple[Importance, ...] = ()
    own_reached: Reached | None = None

    @property
    def found(self) -> list[Searched]:
        """All trials, in order."""
        return [*self.first, *(one for each in self.rounds for one in each.found)]

    @property
    def recipe(self) -> Recipe:
        """With the winner's settings where they did better on fresh seeds and examples, else as it came."""
        if self.winner is None or not self.is_winner_kept:
            return self.own
        return with_settings(self.own, self.winner.settings)

    @property
    def is_winner_kept(self) -> bool:
        """Unless it was measured to be no better than the recipe's own settings."""
        return self.winner is not None and (self.gain is None or self.gain.is_better)

    @property
    def score(self) -> Reached | None:
        """What the settings that stay come to on fresh seeds and examples kept back; None where it was not measured."""
        if self.gain is None:
            return self.own_reached
        return self.gain.reached if self.gain.is_better else self.gain.own_reached

    @property
    def kept(self) -> Searched | None:
        """The trial of the settings that the recipe has in the end."""
        return self.winner if self.is_winner_kept else next(iter(self.first), None)


def tune_thoroughly(
    recipe: Recipe,
    data: Data,
    measure_all: MeasureAll,
    plan: Plan,
    *,
    seed: int = 0,
    bench: Bench | None = None,
    device: str | torch.device | None = None,
    share_used: Callable[[], float] = lambda: 0.0,
    say: Callable[[str], None] = lambda text: None,
) -> Tuned:
    """Carry out the plan; begun again with a bench that remembers, it repeats no training.

    Args:
        measure_all: trains and judges recipes on fresh seeds, on all of `data`.
        bench: with what trains, what judges all of `data`, and who is told; its recipe, data and seed are set here.
        device: of the range test.
        share_used: of all time; a search ends where the finals would have none left.
    """
    parts, bench = keep_back(data, seed), bench or Bench(recipe, data)
    yardstick = bench.yardstick
    bench = replace(bench, recipe=recipe, data=parts.data_of_search(data), seed=seed,
                    yardstick=yardstick.on(parts.chosen_on))  # fmt: skip
    own = settings_of(recipe, [*(["learning_rate"] if plan.finds_rate else []), *plan.space])
    tested, first, space = _rate_first(bench, plan, own, device, say)
    rounds = _rounds(bench, plan, space, first, partial(_final, recipe, measure_all, parts, plan, seed, yardstick),
                     share_used)  # fmt: skip
    winner = _winner(first, rounds)
    gain = own_reached = None
    judging = [seed + 1 + plan.rounds * plan.final_seeds + number for number in range(plan.judging_seeds)]
    if winner is not None and winner.settings != own and judging:
        say("the winner against the recipe's own settings, on fresh seeds")
        gain = measure_gain(recipe, with_settings(recipe, winner.settings), measure_all, parts, judging, yardstick)
    elif winner is not None and judging:
        say("the recipe's own settings, on fresh seeds")
        own_reached = measure_own(recipe, measure_all, parts, judging, yardstick)
    found = [*first, *(one for each in rounds for one in each.found)]
    importance = measure_importance(rounds[0].space, found, seed) if rounds else ()
    return Tuned(plan, recipe, tested, tuple(first), tuple(rounds), winner, gain, importance, own_reached)


def _rate_first(
    bench: Bench, plan: Plan, own: dict[str, object], device: str | torch.device | None, say: Callable[[str], None]
) -> tuple[RangeTest | None, list[Searched], Space]:
    """The recipe's own settings; and the range test and its bracket where the learning rate is not given bounds."""
    if not plan.finds_rate:
        return None, try_all(bench, [own], trials=1), plan.space
    say("learning-rate range test")
    tested = find_range(bench.recipe, bench.data, steps=plan.range_steps, seed=bench.seed, device=device)
    ladder = search(bench, _own_and_bracket(own, tested), trials=1 + MOST_RATES)
    return tested, ladder, {"learning_rate": span_around(ladder[1:], tested), **plan.space}


def _own_and_bracket(own: dict[str, object], tested: RangeTest) -> Strategy:
    yield own
    yield from climb(own, tested)


class _Clock:
    """The time of one search. was_up: whether a trial was not begun for want of it."""

    def __init__(self, share_used: Callable[[], float], share: float) -> None:
        self.share_used, self.share, self.was_up = share_used, share, False

    def is_left(self) -> bool:
        """Asked before a training that is not there yet."""
        left = self.share_used() < self.share
        self.was_up = self.was_up or not left
        return left


def _rounds(
    bench: Bench, plan: Plan, space: Space, first: Sequence[Searched],
    final: Callable[[int, Sequence[Searched]], Finalists], share_used: Callable[[], float],
) -> list[Round]:  # fmt: skip
    """Search, look at the best few on fresh seeds, narrow, until rounds, time or differences come to an end."""
    rounds: list[Round] = []
    for number in range(plan.rounds):
        before = [*first, *(one for each in rounds for one in each.found)]
        clock = _Clock(share_used, plan.share_of_searching(number))
        told = replace(bench, on_trial=_shifted(bench, len(before)), time_is_left=clock.is_left)
        found = _search_round(told, plan, space, number, before)
        pool = [*before, *found]
        few = _distinct(best_first(pool))[:FINALISTS]
        is_time = share_used() < 1 and len(few) > 1
        finalists = final(number, few) if is_time else None
        rounds.append(Round(space, tuple(found), tuple(few), finalists, clock.was_up))
        if finalists is None or finalists.within_noise or share_used() >= 1:
            break
        space = narrow(space, pool)
    return rounds


def _search_round(
    bench: Bench, plan: Plan, space: Space, number: int, before: Sequence[Searched]
) -> list[Searched]:  # fmt: skip
    seed = derive_seed(bench.seed, "round", number) if number else bench.seed
    strategy = make_strategy(plan, space, seed)
    if plan.search in LEARNING and plan.halving:
        # Trials before have other looks than these.
        thirds = replace(bench, rule=below_best_third, looks=LOOKS_OF_THIRDS)
        return search(thirds, strategy, trials=plan.trials)
    if plan.search in LEARNING:
        return search(bench, strategy, trials=plan.trials, before=before)
    if plan.halving:
        return halve(bench, list(islice(strategy, plan.trials)))
    return try_all(bench, strategy, trials=plan.trials, before=before)


def make_strategy(plan: Plan, space: Space, seed: int) -> Strategy:
    """What proposes the settings of a round.

    Raises:
        InputError: the search cannot be made over this space; see `grid_settings` and `cmaes`.
    """
    if plan.search == "grid":
        return in_order(grid_settings(space, plan.trials, forced=plan.forced))
    return {"random": random_search, "tpe": tpe, "cmaes": cmaes}[plan.search](space, seed)


def _final(
    recipe: Recipe, measure_all: MeasureAll, parts: Parts, plan: Plan, seed: int, yardstick: Yardstick, number: int,
    few: Sequence[Searched],
) -> Finalists:  # fmt: skip
    """The best few on seeds that no round before has used."""
    seeds = [seed + 1 + number * plan.final_seeds + place for place in range(plan.final_seeds)]
    return compare_finalists([with_settings(recipe, one.settings) for one in few], measure_all, parts, seeds, yardstick)


def _winner(first: Sequence[Searched], rounds: Sequence[Round]) -> Searched | None:
    """The best of the last finalists; without any, the best trial that came to its end; None where none did."""
    judged = [one for one in rounds if one.finalists is not None]
    if judged and judged[-1].finalists is not None:
        return judged[-1].few[judged[-1].finalists.best]
    pool = [*first, *(one for each in rounds for one in each.found)]
    finished = best_first(pool)
    return finished[0] if finished else None


def _distinct(ranked: Sequence[Searched]) -> list[Searched]:
    """Each settings once."""
    return [one for place, one in enumerate(ranked) if one.settings not in [other.settings for other in ranked[:place]]]


def _shifted(bench: Bench, before: int) -> Callable[[int, Searched], None]:
    """Numbers go on from the rounds before."""
    return lambda number, searched: bench.on_trial(before + number, searched)
