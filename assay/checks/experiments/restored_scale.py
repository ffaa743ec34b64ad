"""Does what is learned from training hold for validation only once each channel has training's mean and deviation?

    restored = (values - mean_validation) / deviation_validation * deviation_training + mean_training
    told = (loss of the best constant output - loss of the trained network) / (the same - floor of the loss)

The same trained networks are asked about validation as it is given and restored, so that nothing but the scale differs.

Source: Li et al. 2016 (arXiv:1603.04779): statistics of each domain of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from assay.checks.experiments.own_training import material, train_own
from assay.checks.experiments.progress import DECISIVE, scale_of_constant
from assay.checks.experiments.short_training import evaluated
from assay.checks.given.batches import count_examples, map_tensors, replace_inputs, split_batch, take_examples
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.loader_reading import validation_sample
from assay.checks.given.pipeline import Pipeline
from assay.checks.given.work import is_light

RATES, SEEDS, PATIENCE, ASKED = (3e-3, 3e-2), 2, 5, 256


@dataclass(frozen=True)
class Restored:
    """What the network tells of validation, from 0 for a constant output to 1 for the floor of the loss, by seed."""

    given: tuple[float, ...]
    restored: tuple[float, ...]

    @property
    def is_decisive(self) -> bool:
        """Whether every seed tells decisively more of restored inputs."""
        return all(
            after - max(before, 0.0) >= DECISIVE for before, after in zip(self.given, self.restored, strict=True)
        )


def restored_scale(pipeline: Pipeline, train: Tensor, validation: Tensor) -> Restored:
    """Train on training, and ask about validation both ways.

    Args:
        train: inputs of the sampled training examples.
        validation: inputs of the sampled validation examples, which give each channel's mean and deviation.

    Raises:
        CannotCheckError: the network is too large, or the loss tells no distance from a constant output.
    """
    if not is_light(pipeline):
        raise CannotCheckError("the network is too large to be trained several times")
    checked = pipeline.once(validation_sample)
    checked = take_examples(checked, range(min(ASKED, count_examples(checked))))
    batches = [checked, _restore(checked, train, validation)]
    scale = scale_of_constant(pipeline, checked)
    told: list[list[float]] = []
    for seed in range(SEEDS):
        updates = PATIENCE * pipeline.once(material).updates
        models = [train_own(pipeline, plain_rate=rate, updates=updates, seed=seed).model for rate in RATES]
        losses = [min(evaluated(pipeline, model, batch) for model in models) for batch in batches]
        told.append([scale.share(loss) for loss in losses])
    return Restored(tuple(given for given, _ in told), tuple(restored for _, restored in told))


def _restore(batch: Any, train: Tensor, validation: Tensor) -> Any:
    axes = [0, *range(2, train.dim())]
    centre, wanted_centre = (side.mean(axes, keepdim=True) for side in (validation, train))
    spread, wanted = (side.std(axes, correction=0, keepdim=True) for side in (validation, train))
    spread = torch.where(spread > 0, spread, torch.ones_like(spread))

    def restore(tensor: Tensor) -> Tensor:
        if tensor.shape[1:] != validation.shape[1:]:
            return tensor
        kept = tensor.float()
        return ((kept - centre.to(kept)) / spread.to(kept) * wanted.to(kept) + wanted_centre.to(kept)).to(train.dtype)

    return replace_inputs(batch, map_tensors(restore, split_batch(batch)[0]))
