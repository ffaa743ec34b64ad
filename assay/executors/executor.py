"""Where trainings are done, as a stage sees it: given what is asked, a `MeasureAll`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import torch

from assay.data.data import Data
from assay.executors.opening import Opening
from assay.recipe import Recipe, describe_part
from assay.store.store import Store
from assay.training.part import Part
from assay.trial import Measure, MeasureAll


@dataclass(frozen=True)
class Asking:
    """Whoever needs trainings on some data.

    here: trains in this process, for data that no other process can open. opening: how the data was opened; None
    where nobody knows. folder: for logs. curves: file that curves are told to. say: told what goes on, and the share
    that is done. part: how far each training goes.
    """

    data: Data
    trials: Store
    device: torch.device
    stage: str
    here: Measure
    opening: Opening | None
    folder: Path
    curves: Path
    say: Callable[[str, float], None]
    part: Part = field(default_factory=Part)


Executor = Callable[[Asking], MeasureAll]


def name_training(recipe: Recipe, seed: int) -> str:
    """What a training is called while it goes on."""
    return f"{' | '.join(map(describe_part, recipe.tricks)) or 'baseline'}, seed {seed}"
