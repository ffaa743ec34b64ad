"""Real labels against permuted ones, as the user's own network learns them and is asked on held-out examples.

    clear: real < min permuted - max(range of permuted, 1 % of min permuted), each the lowest held-out loss of one
    short training

Source: Zhang et al. 2017, section 2 (arXiv:1611.03530): networks learn random labels too, but not on other examples.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from assay.checks.experiments.short_training import measure
from assay.checks.given.batches import count_examples, map_tensors, split_batch, take_examples
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.pipeline import Pipeline
from assay.randomness import generator_for

PARTS, PART, STEPS, MEASURE_EVERY, RATES, PERMUTED = 4, 32, 48, 12, (3e-3, 3e-2), 3
MOST_SECONDS = 8.0


@dataclass(frozen=True)
class LabelContrast:
    """Lowest held-out losses with real and with permuted labels."""

    real: float
    permuted: tuple[float, ...]

    @property
    def is_clear(self) -> bool:
        lowest, highest = min(self.permuted), max(self.permuted)
        return self.real < lowest - max(highest - lowest, 0.01 * abs(lowest))


def network_contrast(pipeline: Pipeline, batch: Any) -> LabelContrast | None:
    """Train copies on real and on permuted labels, the same way; None when that takes too long."""
    deadline = time.monotonic() + MOST_SECONDS
    inputs, targets = split_batch(batch)
    rows = min(count_examples(batch), 2 * PARTS * PART) // 2 * 2
    pair = take_examples((inputs, targets), range(rows))
    contrasts = []
    for rate in RATES:
        losses = []
        for number in range(PERMUTED + 1):
            losses.append(_held_out(pipeline, _permuted(pipeline, pair, number), rate, deadline))
            if time.monotonic() > deadline:
                return None
        contrasts.append(LabelContrast(losses[0], tuple(losses[1:])))
    return next((contrast for contrast in contrasts if contrast.is_clear), contrasts[0])


def _permuted(pipeline: Pipeline, pair: Any, number: int) -> Any:
    """Number 0 is the real one."""
    if number == 0:
        return pair
    order = torch.randperm(count_examples(pair), generator=generator_for(pipeline.seed, "permuted", number))

    def permute(tensor: Tensor) -> Tensor:
        return tensor[order.to(tensor.device)] if tensor.dim() and len(tensor) == len(order) else tensor

    return pair[0], map_tensors(permute, pair[1])


def _held_out(pipeline: Pipeline, pair: Any, rate: float, deadline: float) -> float:
    """Lowest loss on the second half of a copy trained on the first."""
    half = count_examples(pair) // 2
    held_out = take_examples(pair, range(half, 2 * half))
    parts = [take_examples(pair, range(first, min(first + PART, half))) for first in range(0, half, PART)]
    parts = [part for part in parts if count_examples(part) > 1]
    if not parts:
        raise CannotCheckError("needs at least 4 examples")
    pipeline.seed_for("label_contrast")
    trial = pipeline.trial(adam_learning_rate=rate, dropout=False, own_step=False)
    lowest = measure(pipeline, trial.model, held_out)
    for step in range(STEPS):
        trial.step(parts[step % len(parts)])
        if (step + 1) % MEASURE_EVERY == 0:
            lowest = min(lowest, measure(pipeline, trial.model, held_out))
        if time.monotonic() > deadline:
            break
    return lowest
