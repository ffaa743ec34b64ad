"""A search: settings are proposed one after another, trained, and remembered.

The settings of trial k are a function of the seed and of what the trials before it found, so a search that was killed
goes on with the settings it would have tried; a finished trial is found again by its recipe, data and seed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch

from assay.data.data import Data
from assay.recipe import Recipe
from assay.training import Training
from assay.tuning.memory import Memory
from assay.tuning.pruned_training import LOOKS, read_trial, train_setting
from assay.tuning.searched import Searched
from assay.tuning.setting import Settings, with_settings
from assay.tuning.strategy import Strategy

PROPOSALS = 20
"""So many times as often as it may train, a strategy is asked: one that repeats itself comes to an end."""


@dataclass(frozen=True)
class Bench:
    """What trials of a search share.

    time_is_left: asked before a training that is not there yet. on_trial: told of every trial, with its number.
    on_step: told of every step of a training under way.
    """

    recipe: Recipe
    data: Data
    seed: int = 0
    device: str | torch.device | None = None
    looks: int = LOOKS
    time_is_left: Callable[[], bool] = lambda: True
    on_trial: Callable[[int, Searched], None] = lambda number, searched: None
    on_step: Callable[[Training], None] = lambda training: None

    def key_of(self, settings: Settings) -> str:
        """What a trial is found again by."""
        return f"{with_settings(self.recipe, settings).key()}-{self.data.fingerprint}-{self.seed}"


def search(bench: Bench, memory: Memory, strategy: Strategy, *, trials: int) -> list[Searched]:
    """Try what the strategy proposes.

    Args:
        trials: at most so many different ones.
    Returns:
        Finished trials in the order they were first proposed; none when no time was left for any.
    """
    results: dict[str, Searched] = {}
    ask: Callable[[], Settings] = partial(next, strategy)
    for _ in range(PROPOSALS * trials):
        try:
            settings = ask()
        except StopIteration:
            break
        key = bench.key_of(settings)
        if key not in memory.finished:
            if not bench.time_is_left():
                break
            train_setting(memory, key, with_settings(bench.recipe, settings), bench.data, seed=bench.seed,
                          looks=bench.looks, device=bench.device, on_step=bench.on_step)  # fmt: skip
        reply = read_trial(settings, memory.finished[key])
        if key not in results:
            results[key] = reply
            bench.on_trial(len(results) - 1, reply)
        if len(results) == trials:
            break
        ask = partial(strategy.send, reply)
    return list(results.values())
