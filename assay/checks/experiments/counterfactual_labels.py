"""Where labels do not follow inputs: what would be seen if they did, or if another pairing were right.

    displaced: labels clearly fit the inputs some places on, in the data set's own order
    validation: labels there clearly follow their inputs
    planted = sqrt(share) * f(inputs) + sqrt(1 - share) * noise is found each time, f a random combination of
    similarities: so weak a relation would not have been overlooked

Source: Good 2005 (power of permutation tests); Zhang et al. 2017, section 2 (arXiv:1611.03530).
"""

from __future__ import annotations

from typing import Any

import torch

from assay.checks.experiments.association import Association, associate, shared_variation
from assay.checks.experiments.labelled_examples import FIRST, MOST, labelled_examples, relation_of
from assay.checks.given.batches import split_batch, tensors_in
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.fixed_draws import stored_examples
from assay.checks.given.loader_reading import validation_sample
from assay.checks.given.pipeline import Pipeline
from assay.randomness import generator_for

ENOUGH = 96
PLANTED_SHARE, PLANTS = 0.1, 20
FEWEST_COLUMNS, VARIES_TOGETHER = 32, 0.02
OFFSETS = (1, -1, 2, -2, 3, -3)


def displaced(pipeline: Pipeline) -> tuple[int, float] | None:
    """The offset in the data set's own order at which labels clearly fit the inputs, and how well."""
    stored = stored_examples(pipeline.train_loader, FIRST, fewest=ENOUGH)
    if stored is None:
        return None
    generator = generator_for(pipeline.seed, "displaced")
    try:
        pairs = labelled_examples(pipeline, stored, FIRST, generator)
    except CannotCheckError:
        return None  # sorted by class, the first of the data set may all bear one; the other questions remain
    for offset in OFFSETS:
        moved = associate(pairs.smoothers, pairs.columns.roll(offset, 0), generator)
        if moved.is_clear and moved.strength**2 > 2 * PLANTED_SHARE:
            return offset, moved.strength
    return None


def clear_validation(pipeline: Pipeline) -> Association | None:
    """The relation of validation examples, where there is one that training of this size would show too."""
    try:
        found = relation_of(pipeline, pipeline.once(validation_sample), MOST)
    except CannotCheckError:
        return None
    return found if found.is_clear and found.strength**2 > 2 * PLANTED_SHARE else None


def is_telling(batch: Any) -> bool:
    """Whether inputs are one picture or signal each, whose values vary together, and targets are not sequences."""
    inputs = [tensor for tensor in tensors_in(split_batch(batch)[0]) if tensor.dim() > 0]
    if len(inputs) != 1 or not inputs[0].is_floating_point() or split_batch(batch)[1].dim() > 2:
        return False
    columns = inputs[0].detach().cpu().float().flatten(1)[:MOST]
    return columns.shape[1] >= FEWEST_COLUMNS and shared_variation(columns) > VARIES_TOGETHER


def planted_is_found(pipeline: Pipeline, batch: Any) -> bool:
    """Whether smooth made-up relations that explain a tenth of the targets are seen, each time."""
    generator = generator_for(pipeline.seed, "planted")
    pairs = labelled_examples(pipeline, batch, MOST, generator)
    columns = pairs.columns.shape[1]
    for trial in range(PLANTS):
        smoother = pairs.smoothers[trial % len(pairs.smoothers)]
        shape = (len(smoother), columns)
        signal = (smoother @ (smoother @ torch.randn(shape, generator=generator))).double()
        signal = (signal - signal.mean(0)) / signal.std(0).clamp(min=1e-12)
        noise = torch.randn(shape, generator=generator, dtype=torch.float64)
        planted = PLANTED_SHARE**0.5 * signal + (1 - PLANTED_SHARE) ** 0.5 * noise
        if associate(pairs.smoothers, planted, generator).is_absent:
            return False  # and healthy programs with such a relation would be taken for faulty ones
    return True
