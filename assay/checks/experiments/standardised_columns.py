"""Does a table in its own units hold learning back? The same training with each column standardised is the answer.

    left = 1 - (reference - lowest loss) / (reference - floor),  1 nothing learned, 0 all

Both are trained by the user's own step, optimiser and rate. Raw columns are given five times the updates; they hold
learning back where more than twice as much is left after those, on every seed, and unseen examples are told less well.
Noise that nothing explains is left either way, so it is also enough that standardised columns tell decisively more of
unseen examples, and twice as much, on every seed.

Source: LeCun et al. 1998, Efficient BackProp, section 4.3.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from assay.checks.experiments.loss_floor import blind_floor_of
from assay.checks.experiments.own_training import OwnRun, material, train_own
from assay.checks.experiments.progress import DECISIVE
from assay.checks.given.batches import map_tensors, replace_inputs, split_batch, tensors_in
from assay.checks.given.pipeline import Pipeline

PATIENCE, LEFT, SEEDS = 5, 0.5, 2
UNLIKE = 30.0  # times the deviation of another column, or off zero by as many of its own


@dataclass(frozen=True)
class Columns:
    """Shares of the loss that are left with raw and with standardised columns, one for each seed, and the updates.

    told_raw, told_standardised: of unseen examples, from 0 for the best constant output to 1 for the floor of the loss.
    """

    raw: tuple[float, ...]
    standardised: tuple[float, ...]
    told_raw: tuple[float, ...]
    told_standardised: tuple[float, ...]
    raw_updates: int
    updates: int

    @property
    def hold_back(self) -> bool:
        return min(self.raw) * LEFT > max(self.standardised) or self.hides_from_unseen

    @property
    def hides_from_unseen(self) -> bool:
        raw, standardised = max(*self.told_raw, 0.0), min(self.told_standardised)
        return standardised - raw >= DECISIVE and standardised * LEFT > raw


def raw_columns(pipeline: Pipeline, scale: Any) -> Columns | None:
    """The contrast; None where the columns are of like scale, or the inputs are no table.

    Args:
        scale: the loss of nothing learned, `reference`, and the lowest, `floor`.

    Raises:
        CannotCheckError: the loop cannot be tried in short trainings.
    """
    columns = _table(pipeline)
    if columns is None or not are_unlike(columns):
        return None
    mean, deviation = columns.mean(0), columns.std(0, correction=0)
    deviation = torch.where(deviation > 0, deviation, torch.ones_like(deviation))

    def standardise(batch: Any) -> Any:
        inputs = map_tensors(lambda values: (values - mean.to(values)) / deviation.to(values), split_batch(batch)[0])
        return replace_inputs(batch, inputs)

    prepared = replace(pipeline, batches=tuple(standardise(batch) for batch in pipeline.batches))
    updates = pipeline.once(material).updates
    raw = [train_own(pipeline, seed=seed, updates=PATIENCE * updates) for seed in range(SEEDS)]
    clean = [train_own(prepared, seed=seed, updates=updates) for seed in range(SEEDS)]
    if max(run.best_held for run in clean) >= min(run.best_held for run in raw):
        return None  # what is learned faster does not hold for unseen examples

    def left(run: OwnRun) -> float:
        return max(run.best - scale.floor, 0.0) / (scale.reference - scale.floor)

    unseen = blind_floor_of(pipeline, pipeline.once(material).held)

    def told(run: OwnRun) -> float:
        return (unseen - run.best_held) / max(unseen - scale.floor, 1e-12)

    lefts, tolds = ([tuple(map(measured, runs)) for runs in (raw, clean)] for measured in (left, told))
    lengths = raw[0].updates[-1], clean[0].updates[-1]
    return Columns(lefts[0], lefts[1], tolds[0], tolds[1], *lengths)


def _table(pipeline: Pipeline) -> Tensor | None:
    """All sampled rows, if the inputs are one table of finite real numbers."""
    inputs = [list(tensors_in(split_batch(batch)[0])) for batch in pipeline.batches]
    if any(len(tensors) != 1 or tensors[0].dim() != 2 or not tensors[0].is_floating_point() for tensors in inputs):
        return None
    if len({tensors[0].shape[1] for tensors in inputs}) > 1:
        return None
    columns = torch.cat([tensors[0].detach().cpu().float() for tensors in inputs])
    return columns if bool(torch.isfinite(columns).all()) and len(columns) > 1 else None


def are_unlike(columns: Tensor) -> bool:
    """Whether some columns vary far more than others, or lie far off zero."""
    deviation = columns.double().std(0, correction=0)
    varied = deviation > 1e-12 * columns.double().abs().amax(0).clamp(min=1e-12)
    if int(varied.sum()) < 2:
        return False
    deviation, mean = deviation[varied], columns.double().mean(0)[varied]
    return float(deviation.max() / deviation.min()) > UNLIKE or float((mean.abs() / deviation).max()) > UNLIKE
