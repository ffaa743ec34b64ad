"""The learning rate first, by a range test; then a random search around it, judged by validation."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from assay.data.data import Data
from assay.figure import Lines, Marks, Series, Table
from assay.finding import Finding, Report, Skipped
from assay.recipe import Recipe
from assay.tuning.range_test import RangeTest, find_range
from assay.tuning.search import Bounds, Searched, search, with_settings

WEIGHT_DECAY_BOUNDS = (1e-5, 1e-1)


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
    bounds = free_bounds(recipe, {"learning_rate": (tested.low, tested.high), "weight_decay": WEIGHT_DECAY_BOUNDS})
    results = search(recipe, data, bounds, trials=trials, seed=seed, storage=storage, name=name, folder=folder,
                     device=device, time_is_left=time_is_left, on_trial=on_trial)  # fmt: skip
    if not results:
        skipped = (Skipped("search", "budget"),)
        return Tuning(Report("tune", (describe_range(tested, recipe),), skipped, time.perf_counter() - started), recipe)
    finished = [result for result in results if not result.pruned] or results[:1]
    best = max(finished, key=lambda result: (result.value, -result.loss))
    chosen = recipe if best is results[0] else with_settings(recipe, best.settings)
    findings = (
        describe_range(tested, recipe),
        describe_search(results, best, data.specification.metric, len(data.validation)),
    )
    return Tuning(Report("tune", findings, (), time.perf_counter() - started), chosen)


def free_bounds(recipe: Recipe, bounds: Bounds) -> Bounds:
    """The bounds of settings that no trick of the recipe has fixed: drawing those would change nothing."""

    def is_free(setting: str) -> bool:
        moved = with_settings(recipe, {setting: 2.0 * getattr(recipe.own_optimizer, setting) + 1.0})
        return getattr(moved.optimizer, setting) != getattr(recipe.optimizer, setting)

    return {setting: limits for setting, limits in bounds.items() if is_free(setting)}


def describe_range(tested: RangeTest, recipe: Recipe) -> Finding:
    """Where the search will look."""
    rate = recipe.own_optimizer.learning_rate
    summary = (
        f"The loss is near its lowest at a rate of {tested.high:.2g} when the rate is raised step by step; the search "
        f"looks between {tested.low:.2g} and {tested.high:.2g} (the recipe came with {rate:.2g})."
    )
    return Finding("learning_rate_range", "note", summary, {"low": tested.low, "high": tested.high, "recipe": rate},
                   source="Smith 2015, section 3.3: learning-rate range test.", figures=(tested.figure(),))  # fmt: skip


def describe_search(results: list[Searched], best: Searched, metric: str, n: int) -> Finding:
    """What was tried and what won."""
    rows = tuple(
        (str(number), *(f"{value:.3g}" for value in result.settings.values()), f"{result.value:.4f}", fate_of(result))
        for number, result in enumerate(results)
    )  # fmt: skip
    table = Table("Settings tried", ("trial", *results[0].settings, metric, ""), rows)
    trials = Lines(f"Validation {metric} by learning rate", "learning rate", metric, mark_trials(results), log_x=True)
    evidence: dict[str, Any] = {
        "trials": len(results),
        "pruned": sum(result.pruned for result in results),
        "best": dict(best.settings),
        "value": best.value if math.isfinite(best.value) else None,
        "n": n,
    }
    return Finding("hyperparameters", "note", tell_winner(results, best, metric, n), evidence,
                   source="Bergstra & Bengio 2012: random search on a log scale.", figures=(trials, table))  # fmt: skip


def tell_winner(results: list[Searched], best: Searched, metric: str, n: int) -> str:
    """Which settings stay, and by how much they won, in a sentence or two."""
    first, tried = results[0], len(results)
    told = ", ".join(f"{name.replace('_', ' ')} {value:.3g}" for name, value in best.settings.items())
    if tried == 1:
        return f"There was time for the recipe's own settings only ({told}); they stay."
    if best.pruned:
        return f"None of {tried} settings trained to its end; the recipe's own ({told}) stay."
    if best is first:
        return f"None of {tried - 1} random settings beat the recipe's own ({told}); it stays."
    reached = f"{metric} {best.value:.4f}"
    if first.pruned:
        return f"The recipe's own settings diverge; best of {tried} settings: {told}, {reached} (one seed, n = {n})."
    stopped = f"({sum(result.pruned for result in results)} stopped early)"
    if best.value == first.value:
        return (
            f"{tried} settings were tried {stopped}. With {told} the {metric} is that of the recipe's own, "
            f"{best.value:.4f}, at a lower loss ({best.loss:.4f}, not {first.loss:.4f}, n = {n})."
        )
    return (
        f"Best of {tried} settings {stopped}: {told}, {reached} against {first.value:.4f} of the recipe's own "
        f"({best.value - first.value:+.4f}, one seed, n = {n}). The best of many draws flatters itself."
    )


def fate_of(result: Searched) -> str:
    """How a trial ended."""
    if not result.pruned:
        return "finished"
    return "stopped early" if math.isfinite(result.value) and math.isfinite(result.loss) else "diverged"


def mark_trials(results: list[Searched]) -> tuple[Series, ...]:
    """A point for each setting, hollow where the trial was stopped early: its value is that of a shorter training."""
    drawn = [result for result in results if math.isfinite(result.value)]
    finished, stopped = [r for r in drawn if not r.pruned], [r for r in drawn if r.pruned]
    series = (trial_points("finished", finished, "points"), trial_points("stopped early", stopped, "hollow points"))
    return tuple(line for line in series if line.x)


def trial_points(name: str, results: list[Searched], marks: Marks) -> Series:
    """Value against learning rate, a point a trial."""
    return Series(name, tuple(r.settings["learning_rate"] for r in results), tuple(r.value for r in results), marks)
