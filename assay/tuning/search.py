"""A search: settings are trained and judged, by a strategy that learns from each answer, or many at a time.

The part of a training that a trial is depends on settings, seed and the trials before its batch alone. So a search that
was killed goes on with the trials it would have tried and finds the finished ones, and workers give what one process
gives.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from assay.data.data import Data
from assay.recipe import Recipe
from assay.training.part import Part
from assay.trial import MeasureParts, Trial, measure_parts_on
from assay.tuning.searched import Searched
from assay.tuning.setting import Settings, with_settings
from assay.tuning.stopping import LOOKS, Rule, below_median
from assay.tuning.strategy import Strategy
from assay.tuning.yardstick import Yardstick

PROPOSALS = 20
"""So many times as often as it may train, a strategy is asked: one that repeats itself comes to an end."""

FIRST_BATCH, MOST_OF_A_BATCH = 4, 16
"""Trials of a batch have the same floors. The first are few; a later batch is as large as all before it together."""


@dataclass(frozen=True)
class Trainer:
    """What trains on some data.

    is_known: whether a trial is there already. let_go: told of parts of trainings from which nothing goes on.
    together: whether many are to be asked for at once, for others to do.
    """

    measure: MeasureParts
    is_known: Callable[[Recipe, int, Part], bool] = lambda recipe, seed, part: False
    let_go: Callable[[Sequence[tuple[Recipe, int]], Part], None] = lambda pairs, part: None
    together: bool = False


def here(data: Data) -> Trainer:
    """In this process, with nothing remembered."""
    return Trainer(measure_parts_on(data))


@dataclass(frozen=True)
class Bench:
    """What trials of a search share.

    trainer: of data. rule: which trials end early. looks: at the validation split, for the rule.
    time_is_left: asked before a training that is not there yet. on_trial: told of every trial, with its number.
    """

    recipe: Recipe
    data: Data
    seed: int = 0
    trainer: Callable[[Data], Trainer] = here
    rule: Rule = below_median
    looks: int = LOOKS
    yardstick: Yardstick = field(default_factory=Yardstick)
    time_is_left: Callable[[], bool] = lambda: True
    on_trial: Callable[[int, Searched], None] = lambda number, searched: None

    def part(self, before: Sequence[Searched]) -> Part:
        """What a trial that begins after these trains."""
        return Part(looks=self.looks, floors=self.rule(before), by_loss=self.yardstick.by_loss)


def search(bench: Bench, strategy: Strategy, *, trials: int, before: Sequence[Searched] = ()) -> list[Searched]:
    """Try one after another what the strategy proposes, which learns from each answer.

    Args:
        trials: at most so many different ones.
        before: earlier trials, which the rule knows.
    Returns:
        Finished trials in the order they were first proposed; none when no time was left for any.
    """
    results: dict[str, Searched] = {}
    answer: Searched | None = None
    for _ in range(PROPOSALS * trials):
        try:
            settings = next(strategy) if answer is None else strategy.send(answer)
        except StopIteration:
            break
        key = with_settings(bench.recipe, settings).key()
        if key not in results:
            part = bench.part([*before, *results.values()])
            found = train_in_time(bench, [settings], part, first=len(results))
            if not found:
                break
            results[key] = found[0]
        answer = results[key].with_settings(settings)
        if len(results) == trials:
            break
    return list(results.values())


def try_all(
    bench: Bench, settings: Iterable[Settings], *, trials: int, before: Sequence[Searched] = ()
) -> list[Searched]:
    """Try settings that depend on no answer, batch after batch.

    Args:
        trials: at most so many different ones.
        before: earlier trials, which the rule knows.
    Returns:
        Finished trials in their order; fewer where time ran out.
    """
    waiting = list(unique(bench.recipe, islice(settings, PROPOSALS * trials)).values())[:trials]
    results: list[Searched] = []
    while waiting:
        size = min(MOST_OF_A_BATCH, max(FIRST_BATCH, len(results)))
        batch, waiting = waiting[:size], waiting[size:]
        found = train_in_time(bench, batch, bench.part([*before, *results]), first=len(results))
        results += found
        if len(found) < len(batch):
            break
    return results


def unique(recipe: Recipe, settings: Iterable[Settings]) -> dict[str, Settings]:
    """Each once, by the key of its recipe."""
    by_key: dict[str, Settings] = {}
    for one in settings:
        by_key.setdefault(with_settings(recipe, one).key(), one)
    return by_key


def train_in_time(bench: Bench, settings: Sequence[Settings], part: Part, *, first: int) -> list[Searched]:
    """As many of these as there is time for, in their order; what is there already takes none.

    Args:
        first: number of the first, for who is told of them.
    """
    trainer = bench.trainer(bench.data)
    found: list[Searched] = []
    for portion in [settings] if trainer.together else [[one] for one in settings]:
        pairs = [(with_settings(bench.recipe, one), bench.seed) for one in portion]
        is_known = [trainer.is_known(recipe, seed, part) for recipe, seed in pairs]
        if not (all(is_known) or bench.time_is_left()):
            pairs = pairs[: is_known.index(False)]
        for one, trial, was_there in zip(portion, trainer.measure(pairs, part), is_known, strict=False):
            read = read_trial(one, trial, bench.yardstick, planned_looks=part.looks)
            found.append(replace(read, found_again=was_there))
            bench.on_trial(first + len(found) - 1, found[-1])
        if len(pairs) < len(portion):
            break
    return found


def read_trial(settings: Settings, trial: Trial, yardstick: Yardstick, *, planned_looks: int = 1) -> Searched:
    """What a search makes of a trial: one without a finite loss and score diverged, wherever it ended.

    Args:
        planned_looks: in the whole training, evenly spread.
    """
    value = float(yardstick.scores(trial).mean())
    finite = math.isfinite(trial.loss) and math.isfinite(trial.value) and math.isfinite(value)
    looks = () if trial.looks is None else tuple(map(float, trial.looks))
    shares = tuple((place + 1) / planned_looks for place in range(len(looks)))
    return Searched(dict(settings), value if finite else math.nan, trial.loss if finite else math.inf,
                    not finite or trial.share < 1, trial.share, looks, yardstick.sign, shares)  # fmt: skip
