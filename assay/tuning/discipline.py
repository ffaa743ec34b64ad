"""The recipe of "A disciplined approach": one hyperparameter after another, by short trainings under one cycle.

    batch        as large as fits, with at least 15 steps an epoch
    rate         range test; its upper bound is the peak of the cycle, a tenth of that its start
    momentum     .99, .97, .95 and .9 against a cycle of .95 -> .85 -> .95
    weight decay decades, and none; then by bisecting the exponent around the best, twice

Source: Smith 2018 (arXiv:1803.09820), sections 3 to 4.4 and the summary in its section 1.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import torch

from assay.data.data import Data
from assay.errors import InputError
from assay.optimizers import WithDecoupling, WithMomentum
from assay.recipe import Recipe, stack
from assay.trial import MeasureAll
from assay.tricks.schedule.one_cycle import OneCycle
from assay.tuning.judging import Gain, Reached, keep_back, measure_gain
from assay.tuning.largest_batch import LargestBatch, find_largest_batch
from assay.tuning.range_test import RangeTest, find_range
from assay.tuning.search import Bench, try_all
from assay.tuning.searched import Searched, best_first
from assay.tuning.setting import Settings, with_settings
from assay.tuning.stopping import none_stop

CYCLE = OneCycle(start_factor=0.1, end_factor=1e-3, peak_progress=0.45, shape="linear")
MOMENTA, CYCLED = (0.99, 0.97, 0.95, 0.9), (0.95, 0.85)
DECAYS, DECOUPLED_DECAYS = (1e-3, 1e-4, 1e-5, 0.0), (1e-1, 1e-2, 1e-3, 0.0)
BISECTIONS = 2
STEPS_OF_AN_EPOCH = 15
TRAININGS = 1 + len(MOMENTA) + len(DECAYS) + 2 * BISECTIONS
"""At the most, beside the judging."""
MEMORY_SHARE, LOOKS = 0.25, 20
"""Of a CPU's memory, which holds the data and other programs too; at validation in the range test, for its curve."""


@dataclass(frozen=True)
class Discipline:
    """What each step found and decided.

    momentum, decay: the trainings of each. recipe: with all decisions; gain: over the recipe as it came.
    """

    own: Recipe
    recipe: Recipe
    batch: LargestBatch
    tested: RangeTest
    momentum: tuple[Searched, ...]
    decay: tuple[Searched, ...]
    gain: Gain

    @property
    def chosen(self) -> Recipe:
        """The recipe that stays: the disciplined one where it did better on fresh seeds and examples."""
        return self.recipe if self.gain.is_better else self.own

    @property
    def score(self) -> Reached | None:
        """What that comes to; None where too few seeds finished."""
        return self.gain.reached if self.gain.is_better else self.gain.own_reached


def under_one_cycle(recipe: Recipe) -> Recipe:
    """The recipe with the cycle in place of every schedule of rate and momentum.

    Raises:
        RecipeError: a trick needs one of those.
    """
    slots = ("learning_rate_schedule", "learning_rate_warmup", "momentum_schedule", "feedback")
    holders = {recipe.holder(slot) for slot in slots}
    kept = [trick for trick in recipe.tricks if type(trick).__name__ not in holders]
    return stack(recipe.baseline, kept) | CYCLE


def largest_sensible_batch(recipe: Recipe, data: Data, device: str | None = None) -> LargestBatch:
    """As large as fits in a quarter of the memory (on a GPU, in all of it), while an epoch keeps 15 steps."""
    on_cpu = str(device or "cpu").startswith("cpu")
    limit = int(MEMORY_SHARE * os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")) if on_cpu else None
    most = max(8, len(data.train) // STEPS_OF_AN_EPOCH)
    part = replace(data, train=data.train.select(torch.arange(min(most, len(data.train)))))
    return find_largest_batch(recipe, part, memory_limit_bytes=limit, device=device)


def discipline(
    recipe: Recipe,
    data: Data,
    measure_all: MeasureAll,
    *,
    seed: int = 0,
    bench: Bench | None = None,
    device: str | torch.device | None = None,
    judging_seeds: int = 5,
    range_steps: int = 100,
    say: Callable[[str], None] = lambda text: None,
) -> Discipline:
    """Take the steps in order; begun again with a bench that remembers, no training is repeated.

    Raises:
        InputError: the optimiser has no learning rate that a trick has not fixed.
    """
    if (holder := recipe.holder("optimizer.weight_decay")) is not None:
        raise InputError(f"{holder} fixes the weight decay, which is one of the steps; take it out")
    parts = keep_back(data, seed)
    seen, bench = parts.data_of_search(data), bench or Bench(recipe, data)
    yardstick = bench.yardstick
    bench = replace(bench, data=seen, seed=seed, rule=none_stop, looks=1, yardstick=yardstick.on(parts.chosen_on))
    say("the largest batch that fits")
    batch = largest_sensible_batch(recipe, seen, None if device is None else str(device))
    cycled = under_one_cycle(recipe.change(batch_size=batch.batch_size))
    say("learning-rate range test")
    tested = find_range(cycled, seen, steps=range_steps, seed=seed, device=device, looks=LOOKS)
    cycled = cycled.change_optimizer(learning_rate=float(f"{tested.high:.3g}"))
    cycled, momentum = _momentum(cycled, bench)
    cycled, decay = _weight_decay(cycled, bench)
    say("all decisions together against the recipe as it came, on fresh seeds")
    judging = [seed + 1 + number for number in range(judging_seeds)]
    gain = measure_gain(recipe, cycled, measure_all, parts, judging, yardstick)
    return Discipline(recipe, cycled, batch, tested, momentum, decay, gain)


def _momentum(recipe: Recipe, bench: Bench) -> tuple[Recipe, tuple[Searched, ...]]:
    """Constants, and the cycle; nothing where the optimiser has no momentum of its own."""
    if not isinstance(recipe.optimizer, WithMomentum) or recipe.optimizer.momentum == 0:
        return recipe, ()
    tried: list[Settings] = [{"momentum": value} for value in MOMENTA]
    tried.append({"OneCycle.momentum": CYCLED})
    found = try_all(replace(bench, recipe=recipe), tried, trials=len(tried))
    return _with_best(recipe, found), tuple(found)


def _weight_decay(recipe: Recipe, bench: Bench) -> tuple[Recipe, tuple[Searched, ...]]:
    """Decades and none, then between the best and its neighbours, by halves of the exponent."""
    decoupled = isinstance(recipe.optimizer, WithDecoupling) and recipe.optimizer.decoupled
    values: Sequence[float] = DECOUPLED_DECAYS if decoupled else DECAYS
    look = partial(try_all, replace(bench, recipe=recipe))
    found = look([{"weight_decay": value} for value in values], trials=len(values))
    for round_number in range(BISECTIONS):
        ranked = best_first(found)
        if not ranked or ranked[0].settings["weight_decay"] == 0:
            break
        between = bisected(ranked[0].settings["weight_decay"], 0.5 ** (round_number + 1))
        found += look([{"weight_decay": value} for value in between], trials=len(between))
    return _with_best(recipe, found), tuple(found)


def bisected(value: float, part: float) -> list[float]:
    """Either side of a value, by this part of a decade: 1e-4 by a half is 3.16e-5 and 3.16e-4."""
    exponent = math.log10(value)
    return [float(f"{10 ** (exponent + sign * part):.3g}") for sign in (-1, 1)]


def _with_best(recipe: Recipe, found: Sequence[Searched]) -> Recipe:
    ranked = best_first(found)
    return with_settings(recipe, ranked[0].settings) if ranked else recipe
