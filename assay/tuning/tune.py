"""The learning rate first, by a range test; then a random search around it, judged by validation."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch

from assay.data.data import Data
from assay.finding import Report, Skipped
from assay.recipe import Recipe
from assay.training import Training
from assay.tuning.memory import Place, open_memory
from assay.tuning.range_test import find_range
from assay.tuning.search import Bench, search
from assay.tuning.search_findings import describe_range, describe_search
from assay.tuning.searched import Searched, best_first
from assay.tuning.setting import settings_of, with_settings
from assay.tuning.space import Span
from assay.tuning.strategy import Strategy, random_search

WEIGHT_DECAY = Span(1e-5, 1e-1, log=True)


@dataclass(frozen=True)
class Tuning:
    """recipe: with the best settings found, or as it came when nothing beat it."""

    report: Report
    recipe: Recipe


def tune(
    recipe: Recipe,
    data: Data,
    *,
    trials: int = 12,
    seed: int = 0,
    range_steps: int = 100,
    storage: str | None = None,
    name: str = "tune",
    folder: Path | None = None,
    device: str | torch.device | None = None,
    time_is_left: Callable[[], bool] = lambda: True,
    on_trial: Callable[[int, Searched], None] = lambda number, searched: None,
    on_step: Callable[[Training], None] = lambda training: None,
) -> Tuning:
    """Find the learning rate's range, then search rate and weight decay at random within it.

    Args:
        storage, name: the database and the study in it to keep trials in; in memory without them.
        folder: where a trial under way keeps its checkpoint.

    A setting replaces the recipe's own only if it measured better on the same seed; settings that
    tie are told apart by validation loss.
    """
    started = time.perf_counter()
    tested = find_range(recipe, data, steps=range_steps, seed=seed, device=device)
    rate = Span(tested.low, tested.high, log=True)
    space = free_spans(recipe, {"learning_rate": rate, "weight_decay": WEIGHT_DECAY})
    own = settings_of(recipe, space)
    bench = Bench(recipe, data, seed, device, time_is_left=time_is_left, on_trial=on_trial, on_step=on_step)
    with open_memory(Place(storage, name, folder)) as memory:
        results = search(bench, memory, _own_first(own, random_search(space, seed)), trials=trials)
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


def _own_first(own: Mapping[str, float], strategy: Strategy) -> Strategy:
    yield own
    yield from strategy


def free_spans(recipe: Recipe, spans: Mapping[str, Span]) -> dict[str, Span]:
    """Those of the optimiser's settings that no trick of the recipe has fixed: drawing those would change nothing."""

    def is_free(name: str) -> bool:
        moved = recipe.change_optimizer(**{name: 2.0 * getattr(recipe.own_optimizer, name) + 1.0})
        return getattr(moved.optimizer, name) != getattr(recipe.optimizer, name)

    return {name: span for name, span in spans.items() if is_free(name)}
