"""Random search with pruning: log-uniform draws, a poor start stops early.

Trials live in an Optuna study, in the same database as everything else. The settings of trial k are
a function of seed and k alone, so a search that was killed goes on with the settings it would have
tried.

Source: Bergstra & Bengio 2012 (random over grid); rules H74 and H79 of the Deep Learning book's
chapter 11; median pruning as in Golovin et al. 2017, section 3.2.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from assay.data.data import Data
from assay.randomness import derive_seed
from assay.recipe import Recipe
from assay.training import Training

Bounds = Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class Searched:
    """One trial: its settings, its validation metric (the last seen, if pruned) and its fate."""

    settings: Mapping[str, float]
    value: float
    loss: float
    pruned: bool


def search(
    recipe: Recipe,
    data: Data,
    bounds: Bounds,
    *,
    trials: int,
    seed: int = 0,
    storage: str | None = None,
    name: str = "tune",
    folder: Path | None = None,
    time_is_left: Callable[[], bool] = lambda: True,
    on_trial: Callable[[int, Searched], None] = lambda number, searched: None,
) -> list[Searched]:
    """Try the recipe's own settings first, then random ones.

    Args:
        bounds: (low, high) for each optimiser setting, drawn log-uniformly.
        storage: an SQLAlchemy URL to keep the study `name` in; in memory without it.
        folder: where a trial under way keeps its checkpoint, to go on after a kill.
    Returns:
        Finished trials in the order they were tried.
    """
    study = open_study(storage, name)
    done = {trial.user_attrs["number"]: trial for trial in study.trials if trial.state.is_finished()}
    results = []
    for number in range(trials):
        if number not in done:
            if number and not time_is_left():
                break
            done[number] = run_trial(
                study, with_settings(recipe, settings_of(number, recipe, bounds, seed)), data, number, seed, folder
            )
        results.append(read_trial(settings_of(number, recipe, bounds, seed), done[number]))
        on_trial(number, results[-1])
    return results


def settings_of(number: int, recipe: Recipe, bounds: Bounds, seed: int) -> dict[str, float]:
    """Trial 0 is the recipe as it is; trial k is the k-th log-uniform draw."""
    if number == 0:
        return {setting: float(getattr(recipe.baseline.optimizer, setting)) for setting in bounds}
    random = np.random.default_rng(derive_seed(seed, "search", number))
    drawn = {name: math.exp(random.uniform(math.log(low), math.log(high))) for name, (low, high) in bounds.items()}
    # Three digits are all a draw can mean, and all a reader of the recipe wants.
    return {name: float(f"{value:.3g}") for name, value in drawn.items()}


def with_settings(recipe: Recipe, settings: Mapping[str, float]) -> Recipe:
    """The recipe with these optimiser settings under the same tricks."""
    optimizer: Any = recipe.baseline.optimizer
    return recipe.change(optimizer=replace(optimizer, **settings))


def open_study(storage: str | None, name: str) -> Any:
    """The study called `name`, found again if it is there."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    pruner = optuna.pruners.MedianPruner(n_startup_trials=3, n_warmup_steps=1)
    return optuna.create_study(
        storage=storage, study_name=name, direction="maximize", load_if_exists=True, pruner=pruner
    )


def run_trial(study: Any, recipe: Recipe, data: Data, number: int, seed: int, folder: Path | None) -> Any:
    """Train with one trial's settings, reporting every look at the validation split to the pruner."""
    import optuna

    trial = study.ask()
    trial.set_user_attr("number", number)
    checkpoint = folder / f"setting-{number}.checkpoint" if folder else None
    training = Training(recipe, data, seed=seed, evaluations=4, checkpoint=checkpoint)
    seen, state = 0, optuna.trial.TrialState.COMPLETE
    for step in training:
        if not math.isfinite(float(step.loss)):
            state = optuna.trial.TrialState.PRUNED
            break
        if len(training.history.looks) > seen:
            seen = len(training.history.looks)
            trial.report(training.history.validation_values[-1], seen)
            if training.step < training.total_steps and trial.should_prune():
                state = optuna.trial.TrialState.PRUNED
                break
    values, losses = training.history.validation_values, training.history.validation_losses
    trial.set_user_attr("value", values[-1] if values else 0.0)
    trial.set_user_attr("loss", losses[-1] if losses else None)
    complete = state == optuna.trial.TrialState.COMPLETE
    return study.tell(trial, values[-1] if complete else None, state=state)


def read_trial(settings: dict[str, float], frozen: Any) -> Searched:
    """What Optuna keeps of a trial, as ours."""
    loss, pruned = frozen.user_attrs["loss"], frozen.state.name != "COMPLETE"
    return Searched(settings, frozen.user_attrs["value"], math.inf if loss is None else loss, pruned)
