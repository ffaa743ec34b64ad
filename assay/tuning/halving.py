"""Successive halving: many settings for a short time, the best third of them for longer, on from their checkpoints.

    round r = 0..R:   train to the share 3^(r - R) of the whole training, keep the best third

Each training goes on from the checkpoint that its last round left, under the recipe's own schedule over its whole
length; begun anew where that cannot be seen, as on another machine, it comes to the same. With R = 2, 27 settings cost
as much as 7 whole trainings: 27/9 + 9 (1/3 - 1/9) + 3 (1 - 1/3) = 7.

Source: Jamieson & Talwalkar 2016 (arXiv:1502.07943), algorithm 1.
Hurts: where what is good early is not good in the end, such as low rates, which look good before schedules fall.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from assay.training.part import Part
from assay.tuning.search import Bench, train_in_time, unique
from assay.tuning.searched import Searched
from assay.tuning.setting import Settings, with_settings

KEPT, MOST_ROUNDS = 3, 2
"""One of so many goes on; at most so many rounds come before the last."""


def shares_of_rounds(settings: int) -> tuple[float, ...]:
    """Where each round ends: (1/9, 1/3, 1) of nine settings or more, (1/3, 1) of three, else (1,)."""
    rounds = min(MOST_ROUNDS, int(math.log(max(1, settings) + 1e-9, KEPT)))
    return tuple(float(KEPT) ** (number - rounds) for number in range(rounds + 1))


def cost_of_halving(settings: int) -> float:
    """In whole trainings."""
    alive, before, cost = settings, 0.0, 0.0
    for share in shares_of_rounds(settings):
        cost += alive * (share - before)
        alive, before = math.ceil(alive / KEPT), share
    return cost


def looks_of_halving(settings: int) -> int:
    """At the validation split: one at the end of each round of each."""
    alive, looks = settings, 0
    for _ in shares_of_rounds(settings):
        looks += alive
        alive = math.ceil(alive / KEPT)
    return looks


def halve(bench: Bench, settings: Sequence[Settings]) -> list[Searched]:
    """Train all of them to the first round's end, the best to the next.

    Returns:
        In the order of `settings`; those that were not trained to the end are pruned. Fewer where time ran out before
        all had a first round.
    """
    by_key = unique(bench.recipe, settings)
    alive, seen, told = list(by_key), dict[str, Searched](), 0
    for share in shares_of_rounds(len(by_key)):
        part = Part(until=share)
        found = train_in_time(bench, [by_key[key] for key in alive], part, first=told)
        seen |= {key: _going_on(seen.get(key), one, share) for key, one in zip(alive, found, strict=False)}
        told += len(found)
        going_on = _best(alive, seen) if len(found) == len(alive) and share < 1 else []
        if share < 1:
            ended = [(with_settings(bench.recipe, by_key[key]), bench.seed) for key in alive if key not in going_on]
            bench.trainer(bench.data).let_go(ended, part)
        if not going_on:
            break
        alive = going_on
    return [seen[key] for key in by_key if key in seen]


def _going_on(before: Searched | None, now: Searched, share: float) -> Searched:
    """A trial with what it showed at the end of each round so far, where others ended."""
    looks, shares = (before.looks, before.look_shares) if before is not None else ((), ())
    if now.diverged:
        return replace(now, looks=looks, look_shares=shares)
    return replace(now, looks=(*looks, now.sign * now.value), look_shares=(*shares, share))


def _best(alive: Sequence[str], seen: Mapping[str, Searched]) -> list[str]:
    """A third of them, rounded up, the best first, without those that diverged."""
    ranked = sorted((key for key in alive if not seen[key].diverged), key=lambda key: seen[key].rank, reverse=True)
    return ranked[: math.ceil(len(alive) / KEPT)]
