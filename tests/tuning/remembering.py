"""A trainer for tests that remembers trials, as the store of a session does."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from assay.data.data import Data
from assay.recipe import Recipe
from assay.training.part import Part
from assay.trial import Trial, measure_parts_on
from assay.tuning.search import Trainer


class Remembering:
    """One memory for all data; checkpoints of parts in the folder. asked: how many trials were trained anew."""

    def __init__(self, folder: Path | None = None, *, together: bool = False, **options: Any) -> None:
        self.folder, self.together, self.options = folder, together, options
        self.trials: dict[tuple[str, str, int, Part], Trial] = {}
        self.anew = 0
        self.portions: list[int] = []

    def __call__(self, data: Data) -> Trainer:
        return Trainer(partial(self.measure, data), partial(self.is_known, data), partial(self.let_go, data),
                       together=self.together)  # fmt: skip

    def measure(self, data: Data, pairs: Sequence[tuple[Recipe, int]], part: Part) -> list[Trial]:
        self.portions.append(len(pairs))
        train = measure_parts_on(data, self.folder, **self.options)
        # The last one first: the order in which workers finish is nobody's.
        for recipe, seed in reversed(pairs):
            key = (recipe.key(), data.fingerprint, seed, part)
            if key not in self.trials:
                self.anew += 1
                (self.trials[key],) = train([(recipe, seed)], part)
        return [self.trials[recipe.key(), data.fingerprint, seed, part] for recipe, seed in pairs]

    def is_known(self, data: Data, recipe: Recipe, seed: int, part: Part) -> bool:
        return (recipe.key(), data.fingerprint, seed, part) in self.trials

    def let_go(self, data: Data, pairs: Sequence[tuple[Recipe, int]], part: Part) -> None:
        for recipe, seed in pairs:
            if self.folder is not None:
                (self.folder / f"{recipe.key()}-{data.fingerprint}-{seed}{part.whole.mark}.checkpoint").unlink(True)
