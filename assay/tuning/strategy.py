"""Which settings come next: strategies are generators that yield settings and are sent what was found.

Random draws are a function of seed and number alone, a grid is known before it begins, and Optuna's samplers are asked
anew with the same answers after a kill: a search is begun again from its first trial, and finds the finished ones.

Source: Bergstra & Bengio 2012 (random over grid); Bergstra et al. 2011 (TPE); Hansen 2016, arXiv:1604.00772 (CMA-ES);
rules H74, H78 and H79 of the Deep Learning book's chapter 11.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Generator, Iterable
from typing import Any

import numpy as np

from assay.errors import InputError
from assay.randomness import derive_seed
from assay.tuning.searched import Searched
from assay.tuning.setting import Settings
from assay.tuning.space import Choice, Dimension, Space, Span

Strategy = Generator[Settings, Searched, None]
MOST_OF_A_GRID = 3
"""Goodfellow et al. 2016, section 11.4.3: a grid is for three or fewer."""


def in_order(settings: Iterable[Settings]) -> Strategy:
    """These, whatever is found."""
    # Not `yield from`: a list cannot be sent answers.
    for one in settings:  # noqa: UP028
        yield one


def random_settings(number: int, space: Space, seed: int) -> dict[str, Any]:
    """The draw of this number, uniform on each dimension's scale."""
    random = np.random.default_rng(derive_seed(seed, "search", number))
    return {name: dimension.at(float(random.uniform())) for name, dimension in space.items()}


def random_search(space: Space, seed: int) -> Strategy:
    """Draw after draw, without end."""
    for number in itertools.count(1):
        yield random_settings(number, space, seed)


def fewest_of_grid(space: Space) -> int:
    """Two points of each span, with every value of each choice."""
    return math.prod(len(one.values) if isinstance(one, Choice) else 2 for one in space.values())


def grid_settings(space: Space, trials: int, *, forced: bool = False) -> list[dict[str, Any]]:
    """As many evenly spread points of each span as `trials` allow, with every value of each choice.

    Raises:
        InputError: see `grid_values`.
    """
    values = grid_values(space, trials, forced=forced)
    return [dict(zip(space, chosen, strict=True)) for chosen in itertools.product(*values)]


def grid_values(space: Space, trials: int, *, forced: bool = False) -> list[tuple[Any, ...]]:
    """Of each dimension, those that a grid of so many trials has.

    Raises:
        InputError: more than three hyperparameters, unless forced; or too few trials for two points of each.
    """
    least = fewest_of_grid(space)
    if len(space) > MOST_OF_A_GRID and not forced:
        three = math.prod(len(one.points(3)) for one in space.values())
        raise InputError(
            f"a grid over {len(space)} hyperparameters takes {three:,} trainings with three points of each, and shows "
            f"three values of each; {trials} random ones show {trials} of each (Goodfellow et al. 2016, section "
            f"11.4.3: a grid is for at most {MOST_OF_A_GRID}): use --search random, or --force"
        )
    if trials < least:
        raise InputError(f"a grid of {', '.join(space)} takes at least {least} trainings, got --trials {trials}; give "
                         "more, or fewer --over")  # fmt: skip
    points = dict.fromkeys((name for name, one in space.items() if isinstance(one, Span)), 2)
    choices = least // math.prod(points.values())
    for name in itertools.cycle(points):
        if choices * math.prod(points.values()) // points[name] * (points[name] + 1) > trials:
            break
        points[name] += 1
    return [dimension.points(points.get(name, 0)) for name, dimension in space.items()]


def sampled(space: Space, seed: int, make_sampler: Callable[[int], Any]) -> Strategy:
    """What an Optuna sampler proposes, told every answer.

    Settings that were tried before it begins are not told: it starts from its own first draws.
    """
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(direction="maximize", sampler=make_sampler(derive_seed(seed, "sampler") % 2**31))
    distributions = {name: _distribution(dimension) for name, dimension in space.items()}
    while True:
        trial = study.ask(distributions)
        settings = {name: _value(dimension, trial.params[name]) for name, dimension in space.items()}
        found = yield settings
        if not found.pruned:
            study.tell(trial, found.sign * found.value)
            continue
        if not found.diverged:
            trial.report(found.sign * found.value, max(1, round(100 * found.share)))
        study.tell(trial, state=optuna.trial.TrialState.PRUNED)


def tpe(space: Space, seed: int) -> Strategy:
    """Optuna's tree of Parzen estimators."""
    import optuna

    return sampled(space, seed, lambda number: optuna.samplers.TPESampler(seed=number))


def cmaes(space: Space, seed: int) -> Strategy:
    """Optuna's CMA-ES.

    Raises:
        InputError: the package `cmaes` is not installed, a dimension is a choice, or there is only one dimension.
    """
    import importlib.util

    import optuna

    if importlib.util.find_spec("cmaes") is None:
        raise InputError("--search cmaes needs the package cmaes: pip install cmaes; or use --search tpe")
    choices = [name for name, dimension in space.items() if isinstance(dimension, Choice)]
    if choices:
        raise InputError(f"--search cmaes walks over numbers, and {choices[0]} is a choice; use --search tpe")
    if len(space) < 2:
        raise InputError(f"--search cmaes needs at least two hyperparameters, got {len(space)}; use --search tpe")
    return sampled(space, seed, lambda number: optuna.samplers.CmaEsSampler(seed=number))


def _distribution(dimension: Dimension) -> Any:
    """As Optuna has it; a choice by the numbers of its values, which may be of any kind."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if isinstance(dimension, Choice):
        return CategoricalDistribution(list(range(len(dimension.values))))
    if dimension.whole:
        return IntDistribution(int(dimension.low), int(dimension.high), log=dimension.log)
    return FloatDistribution(dimension.low, dimension.high, log=dimension.log)


def _value(dimension: Dimension, told: Any) -> Any:
    if isinstance(dimension, Choice):
        return dimension.values[told]
    return told if dimension.whole else min(dimension.high, max(dimension.low, float(f"{told:.3g}")))
