"""Figures of settings that were tried: trials in parallel coordinates, one setting at a time, and two together."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Setting:
    """What one setting was in every trial; text is a category, None where a trial had none.

    log: whether equal factors are equal steps; values that are not above 0 are gaps then.
    """

    name: str
    values: tuple[float | str | None, ...]
    log: bool = False


@dataclass(frozen=True)
class Tried:
    """Settings of trials and what each trial scored; nan where it failed.

    lower_is_better: as of a loss. log_scores: whether scores are told apart by factors. chosen: number, from 0, of the
    trial that more than its score has chosen; None where the best score is what counts.
    """

    score_label: str
    scores: tuple[float, ...]
    settings: tuple[Setting, ...]
    lower_is_better: bool = False
    log_scores: bool = False
    chosen: int | None = None

    def __post_init__(self) -> None:
        if self.chosen is not None and not 0 <= self.chosen < len(self.scores):
            raise ValueError(f"chosen must be one of {len(self.scores)} trials, counted from 0, got {self.chosen}")
        names = [setting.name for setting in self.settings]
        if len(set(names)) < len(names):
            raise ValueError(f"settings must have names of their own, got {', '.join(names)}; rename those named twice")
        for setting in self.settings:
            if len(setting.values) != len(self.scores):
                raise ValueError(
                    f"settings must have one value for each of {len(self.scores)} scores, got {len(setting.values)} "
                    f"of {setting.name}; write None where a trial had none"
                )


@dataclass(frozen=True)
class Parallel:
    """Every trial as a line through one axis a setting, and the score's at the end."""

    title: str
    tried: Tried


@dataclass(frozen=True)
class Slices:
    """Small charts side by side: the score against each setting alone."""

    title: str
    tried: Tried


@dataclass(frozen=True)
class Surface:
    """The score over two settings, named `x` and `y`: the trials, and a smoothed surface where they lie."""

    title: str
    x: str
    y: str
    tried: Tried

    def __post_init__(self) -> None:
        names = [setting.name for setting in self.tried.settings]
        for name in (self.x, self.y):
            if name not in names:
                raise ValueError(
                    f"x and y must be settings that were tried, got {name!r}; choose of {', '.join(names)}"
                )
