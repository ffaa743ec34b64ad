"""Random search with pruning: log-uniform draws, a poor start stops early.

Trials live in an Optuna study, in the same database as everything else. The settings of trial k are
a function of seed and k alone, so a search that was killed goes on with the settings it would have
tried; a finished trial is found again by its recipe, data and seed.

Source: Bergstra & Bengio 2012 (random over grid); rules H74 and H79 of the Deep Learning book's
chapter 11; median pruning as in Golovin et al. 2017, section 3.2.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from assay.data.data import Data
from assay.randomness import derive_seed
from assay.recipe import Recipe
from assay.training import Training

Bounds = Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class Searched:
    """One trial: its settings, its validation metric and loss at the last look, and its fate.

    A training that diverged counts as pruned; one that did so before its first look has a value of nan.
    """

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
    device: str | torch.device | None = None,
    time_is_left: Callable[[], bool] = lambda: True,
    on_trial: Callable[[int, Searched], None] = lambda number, searched: None,
) -> list[Searched]:
    """Try the recipe's own settings first, then random ones.

    Args:
        bounds: (low, high) for each optimiser setting, drawn log-uniformly.
        storage: an SQLAlchemy URL to keep the study `name` in; in memory without it.
        folder: where a trial under way keeps its checkpoint, to go on after a kill.
    Returns:
        Finished trials in the order they were tried; none when no time was left for any.
    """
    results: list[Searched] = []
    with open_study(storage, name) as study:
        done = {trial.user_attrs["key"]: trial for trial in study.trials if trial.state.is_finished()}
        for number in range(trials):
            settings = settings_of(number, recipe, bounds, seed)
            tried = with_settings(recipe, settings)
            key = f"{tried.key()}-{data.fingerprint}-{seed}"
            if key not in done:
                if not time_is_left():
                    break
                done[key] = run_trial(study, key, tried, data, seed, folder, device)
            results.append(read_trial(settings, done[key]))
            on_trial(number, results[-1])
    return results


def settings_of(number: int, recipe: Recipe, bounds: Bounds, seed: int) -> dict[str, float]:
    """Trial 0 is the recipe as it is; trial k is the k-th log-uniform draw."""
    if number == 0:
        return {setting: float(getattr(recipe.own_optimizer, setting)) for setting in bounds}
    random = np.random.default_rng(derive_seed(seed, "search", number))
    drawn = {name: math.exp(random.uniform(math.log(low), math.log(high))) for name, (low, high) in bounds.items()}
    # Three digits are all a draw can mean, and all a reader of the recipe wants.
    return {name: float(f"{value:.3g}") for name, value in drawn.items()}


def with_settings(recipe: Recipe, settings: Mapping[str, float]) -> Recipe:
    """The recipe with these optimiser settings under the same tricks."""
    return recipe.change_optimizer(**settings)


@contextmanager
def open_study(storage: str | None, name: str) -> Iterator[Any]:
    """The study called `name`, found again if it is there; the database is let go of afterwards."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    pruner = optuna.pruners.MedianPruner(n_startup_trials=3, n_warmup_steps=1)
    database = optuna.storages.RDBStorage(storage) if storage else None
    try:
        yield optuna.create_study(
            storage=database, study_name=name, direction="maximize", load_if_exists=True, pruner=pruner
        )
    finally:
        if database is not None:
            database.remove_session()
            database.engine.dispose()


def run_trial(
    study: Any, key: str, recipe: Recipe, data: Data, seed: int, folder: Path | None,
    device: str | torch.device | None,
) -> Any:  # fmt: skip
    """Train with one trial's settings, reporting every look at the validation split to the pruner."""
    import optuna

    trial = study.ask()
    trial.set_user_attr("key", key)
    checkpoint = folder / f"setting-{key}.checkpoint" if folder else None
    training = Training(recipe, data, seed=seed, device=device, evaluations=4, checkpoint=checkpoint)
    history, seen, state = training.history, len(training.history.looks), optuna.trial.TrialState.COMPLETE
    for step in training:
        looked = len(history.looks) > seen
        if looked:
            seen = len(history.looks)
            trial.report(history.validation_values[-1], seen)
        finite = math.isfinite(float(step.loss)) and (not looked or math.isfinite(history.validation_losses[-1]))
        if not finite or (looked and training.step < training.total_steps and trial.should_prune()):
            state = optuna.trial.TrialState.PRUNED
            break
    trial.set_user_attr("value", finite_or_none(history.validation_values))
    trial.set_user_attr("loss", finite_or_none(history.validation_losses))
    complete = state == optuna.trial.TrialState.COMPLETE
    told = study.tell(trial, history.validation_values[-1] if complete else None, state=state)
    if checkpoint is not None:
        checkpoint.unlink(missing_ok=True)
    return told


def finite_or_none(values: Sequence[float]) -> float | None:
    """The last value; None, which every database can keep, for no value or no finite one."""
    return values[-1] if values and math.isfinite(values[-1]) else None


def read_trial(settings: dict[str, float], frozen: Any) -> Searched:
    """What Optuna keeps of a trial, as ours."""
    value, loss = frozen.user_attrs["value"], frozen.user_attrs["loss"]
    return Searched(settings, math.nan if value is None else value, math.inf if loss is None else loss,
                    frozen.state.name != "COMPLETE")  # fmt: skip
