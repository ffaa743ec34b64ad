"""The learning rate first, by a range test; then a random search around it, judged by validation."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import torch

from assay.data.data import Data
from assay.finding import Report, Skipped
from assay.recipe import Recipe
from assay.tuning.judging import Reached
from assay.tuning.range_test import find_range
from assay.tuning.search import Bench, Trainer, here, try_all
from assay.tuning.search_findings import describe_range, describe_search
from assay.tuning.searched import Searched, best_first
from assay.tuning.setting import Settings, settings_of, with_settings
from assay.tuning.space import Span
from assay.tuning.strategy import Strategy, random_search

WEIGHT_DECAY = Span(1e-5, 1e-1, log=True)
"""From Smith's smallest (2018, section 4.4) to the largest usual of decoupled decay."""


@dataclass(frozen=True)
class Tuning:
    """recipe: with the best settings found, or as it came when nothing beat it.

    score: what they come to on fresh seeds and examples kept back; None where that was not measured.
    """

    report: Report
    recipe: Recipe
    score: Reached | None = None

    @property
    def summary(self) -> str:
        """The answer in words."""
        return self.report.findings[-1].summary


def tune(
    recipe: Recipe,
    data: Data,
    *,
    trials: int = 12,
    seed: int = 0,
    range_steps: int = 100,
    trainer: Callable[[Data], Trainer] = here,
    device: str | torch.device | None = None,
    time_is_left: Callable[[], bool] = lambda: True,
    on_trial: Callable[[int, Searched], None] = lambda number, searched: None,
) -> Tuning:
    """Find the learning rate's range, then search rate and weight decay at random within it.

    Args:
        trainer: what trains the trials, and finds them again.
        device: of the range test.

    A setting replaces the recipe's own only if it measured better on the same seed; settings that
    tie are told apart by validation loss.
    """
    started = time.perf_counter()
    tested = find_range(recipe, data, steps=range_steps, seed=seed, device=device)
    rate = Span(tested.low, tested.high, log=True)
    space = free_spans(recipe, {"learning_rate": rate, "weight_decay": WEIGHT_DECAY})
    own = settings_of(recipe, space)
    bench = Bench(recipe, data, seed, trainer, time_is_left=time_is_left, on_trial=on_trial)
    results = try_all(bench, _own_first(own, random_search(space, seed)), trials=trials)
    if not results:
        skipped = (Skipped("search", "budget"),)
        return Tuning(Report("tune", (describe_range(tested, recipe),), skipped, time.perf_counter() - started), recipe)
    best = (best_first(results) or results)[0]
    chosen = recipe if best is results[0] else with_settings(recipe, best.settings)
    findings = (
        describe_range(tested, recipe),
        describe_search(results, best, data.specification.metric, len(data.validation)),
    )
    return Tuning(Report("tune", findings, (), time.perf_counter() - started), chosen)


def _own_first(own: Settings, strategy: Strategy) -> Iterator[Settings]:
    yield own
    yield from strategy


def free_spans(recipe: Recipe, spans: Mapping[str, Span]) -> dict[str, Span]:
    """Those of the optimiser's settings that no trick of the recipe has fixed: drawing those would change nothing."""

    def is_free(name: str) -> bool:
        moved = recipe.change_optimizer(**{name: 2.0 * getattr(recipe.own_optimizer, name) + 1.0})
        return getattr(moved.optimizer, name) != getattr(recipe.optimizer, name)

    return {name: span for name, span in spans.items() if is_free(name)}
