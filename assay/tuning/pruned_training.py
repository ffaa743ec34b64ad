"""One trial of a search: a training that ends early where it is no good, by the rule of its study.

Source: median pruning as in Golovin et al. 2017, section 3.2.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch

from assay.data.data import Data
from assay.history import History
from assay.recipe import Recipe
from assay.training import Training
from assay.tuning.memory import Memory
from assay.tuning.searched import Searched
from assay.tuning.setting import Settings

LOOKS = 4
"""At the validation split in a training, the last of them at its end."""


def train_setting(
    memory: Memory,
    key: str,
    recipe: Recipe,
    data: Data,
    *,
    seed: int,
    looks: int = LOOKS,
    device: str | torch.device | None = None,
    on_step: Callable[[Training], None] = lambda training: None,
) -> Any:
    """Train, and tell every look at the validation split to the pruner; returns the trial as it is kept."""
    checkpoint = memory.checkpoint(key)
    training = Training(recipe, data, seed=seed, device=device, evaluations=looks, checkpoint=checkpoint,
                        monitored=False)  # fmt: skip
    trial, history, told = memory.begin(key), training.history, memory.looks_told(key)
    # A checkpoint may know of looks that were not told before a kill, or of one whose verdict was not kept.
    _tell_looks(trial, history, told)
    pruned, seen = bool(told) and training.step < training.total_steps and trial.should_prune(), len(history.looks)
    for step in training if not pruned else ():
        looked = len(history.looks) > seen
        seen = len(history.looks)
        _tell_looks(trial, history, told)
        on_step(training)
        finite = math.isfinite(float(step.loss)) and (not looked or math.isfinite(history.validation_losses[-1]))
        pruned = not finite or (looked and training.step < training.total_steps and trial.should_prune())
        if pruned:
            break
    notes = {
        "value": finite_or_none(history.validation_values),
        "loss": finite_or_none(history.validation_losses),
        "share": training.step / training.total_steps,
    }
    return memory.end(key, trial, None if pruned else history.validation_values[-1], notes)


def _tell_looks(trial: Any, history: History, told: set[int]) -> None:
    for number in set(range(1, len(history.looks) + 1)) - told:
        trial.report(history.validation_values[number - 1], number)
        told.add(number)


def finite_or_none(values: Sequence[float]) -> float | None:
    """The last value; None, which every database can keep, for no value or no finite one."""
    return values[-1] if values and math.isfinite(values[-1]) else None


def read_trial(settings: Settings, frozen: Any) -> Searched:
    """What Optuna keeps of a trial, as ours."""
    value, loss = frozen.user_attrs["value"], frozen.user_attrs["loss"]
    return Searched(dict(settings), math.nan if value is None else value, math.inf if loss is None else loss,
                    frozen.state.name != "COMPLETE", frozen.user_attrs.get("share", 1.0))  # fmt: skip
