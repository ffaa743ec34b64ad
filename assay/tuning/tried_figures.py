"""Figures of a search: all settings side by side, each alone, and the two that matter most together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from assay.figure import Figure, Lines, Marks, Series
from assay.tried_settings import Parallel, Setting, Slices, Surface, Tried
from assay.tuning.searched import Searched
from assay.tuning.space import Choice, Dimension, Space

FEWEST_ON_A_SURFACE = 6
"""As many as a quadratic surface in two settings has coefficients; of fewer there is no shape to see."""


def search_figures(
    space: Space, found: Sequence[Searched], metric: str, *, by_importance: Sequence[str],
    kept: Searched | None = None,
) -> list[Figure]:  # fmt: skip
    """Parallel coordinates and slices; of two settings or more a surface too.

    Args:
        by_importance: names of the settings, the most important first; those that are not there come after.
        kept: the trial of the settings that stay, which is marked where it is among these.
    """
    same = [number for number, one in enumerate(found) if kept is not None and one.settings == kept.settings]
    tried = Tried(
        f"{metric} at the last look", tuple(math.nan if one.diverged else one.value for one in found),
        tuple(_setting(name, dimension, found) for name, dimension in space.items()),
        lower_is_better=any(one.sign < 0 for one in found), chosen=next(iter(same), None),
    )  # fmt: skip
    figures: list[Figure] = [Slices(f"Validation {metric} by each setting, as far as each trial came", tried)]
    order = [*by_importance, *(name for name in space if name not in by_importance)]
    numbers = [name for name in order if not isinstance(space[name], Choice)]
    if len(space) > 1:
        figures.insert(0, Parallel("Settings that were tried", tried))
    if len(numbers) > 1 and len(found) >= FEWEST_ON_A_SURFACE:
        figures.append(Surface(f"Validation {metric} by two settings", numbers[0], numbers[1], tried))
    return figures


def _setting(name: str, dimension: Dimension, found: Sequence[Searched]) -> Setting:
    values = [one.settings.get(name) for one in found]
    if isinstance(dimension, Choice):
        return Setting(name, tuple(None if value is None else str(value) for value in values))
    return Setting(name, tuple(None if value is None else float(value) for value in values), log=dimension.log)


def bracket_figure(climbed: Sequence[Searched], metric: str) -> Lines:
    """The whole trainings of the bracket, by their rates."""
    finished = [one for one in climbed if not one.diverged]
    kinds: list[tuple[str, Marks, list[Searched]]] = [
        ("whole trainings", "points", [one for one in finished if not one.pruned]),
        ("stopped early", "hollow points", [one for one in finished if one.pruned]),
    ]
    series = tuple(
        Series(name, tuple(float(_rate(one)) for one in some), tuple(one.value for one in some), marks)
        for name, marks, some in kinds if some
    )  # fmt: skip
    return Lines(
        f"Validation {metric} of whole trainings by learning rate", "learning rate", metric, series, log_x=True
    )


def _rate(one: Searched) -> Any:
    return one.settings["learning_rate"]
