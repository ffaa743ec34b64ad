"""What a search found, in words and figures."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from assay.figure import Lines, Marks, Series, Table
from assay.finding import Finding
from assay.recipe import Recipe
from assay.tuning.range_test import RangeTest
from assay.tuning.searched import Searched


def describe_range(tested: RangeTest, recipe: Recipe, *, bracketed: bool = False) -> Finding:
    """Where the search will look.

    Args:
        bracketed: whether whole trainings at rates above the bound decide that.
    """
    rate = recipe.own_optimizer.learning_rate
    then = "whole trainings go up from there" if bracketed else (
        f"the search looks between {tested.low:.2g} and {tested.high:.2g}")  # fmt: skip
    summary = (
        f"The loss is near its lowest at a rate of {tested.high:.2g} when the rate is raised step by step; {then} "
        f"(the recipe came with {rate:.2g})."
    )
    return Finding("learning_rate_range", "note", summary, {"low": tested.low, "high": tested.high, "recipe": rate},
                   source="Smith 2015, section 3.3: learning-rate range test.", figures=(tested.figure(),))  # fmt: skip


def describe_search(results: Sequence[Searched], best: Searched, metric: str, n: int) -> Finding:
    """What was tried and what won."""
    rows = tuple(
        (str(number), *map(value_text, result.settings.values()), f"{result.value:.4f}", fate_of(result))
        for number, result in enumerate(results, start=1)
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


def tell_winner(results: Sequence[Searched], best: Searched, metric: str, n: int) -> str:
    """Which settings stay, and by how much they won, in a sentence or two."""
    first, tried = results[0], len(results)
    told = settings_text(best.settings)
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


def settings_text(settings: Mapping[str, Any]) -> str:
    """`learning rate 0.003, weight decay 0.01`."""
    return ", ".join(f"{name.replace('_', ' ')} {value_text(value)}" for name, value in settings.items())


def value_text(value: Any) -> str:
    """A number to three digits, anything else as it is."""
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def fate_of(result: Searched) -> str:
    """How a trial ended."""
    if not result.pruned:
        return "finished"
    return "diverged" if result.diverged else "stopped early"


def mark_trials(results: Sequence[Searched]) -> tuple[Series, ...]:
    """A point for each setting, hollow where the trial was stopped early: its value is that of a shorter training."""
    drawn = [result for result in results if math.isfinite(result.value)]
    finished, stopped = [r for r in drawn if not r.pruned], [r for r in drawn if r.pruned]
    series = (trial_points("finished", finished, "points"), trial_points("stopped early", stopped, "hollow points"))
    return tuple(line for line in series if line.x)


def trial_points(name: str, results: Sequence[Searched], marks: Marks) -> Series:
    """Value against learning rate, a point a trial."""
    return Series(name, tuple(r.settings["learning_rate"] for r in results), tuple(r.value for r in results), marks)
