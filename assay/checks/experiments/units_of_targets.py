"""Are real targets of training and validation in other units? One side standardised, the other far from it.

    standardised: |mean| < 4 standard errors, and a deviation within 4 standard errors of 1

Told only: an evaluation in the original units, with answers turned back, has such a validation loader by intention.

Source: LeCun et al. 1998, Efficient BackProp, section 4.3 (standardised values); Casella and Berger 2002, section 10.2.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from assay.checks.given.batches import count_examples, split_batch
from assay.checks.given.loader_reading import single_values, training_sample, validation_sample
from assay.checks.given.pipeline import Pipeline

FEWEST, ERRORS = 24, 4.0
APART = 3.0  # validation's mean in deviations of 1, or its deviation as a factor: far beyond another draw of examples


@dataclass(frozen=True)
class UnitsOfTargets:
    """Mean and deviation of each side's targets."""

    training: tuple[float, float]
    validation: tuple[float, float]


def units_of_targets(pipeline: Pipeline) -> UnitsOfTargets | None:
    """Both sides' numbers where exactly one of them is standardised and the other is far from it.

    Raises:
        CannotCheckError: there is no validation loader, or its batches are padded.
    """
    if pipeline.loss_kind.is_classification or pipeline.loss_kind.is_binary:
        return None
    sides = [_real_targets(pipeline.once(sample)) for sample in (training_sample, validation_sample)]
    train, validation = sides
    if train is None or validation is None or is_standardised(train) == is_standardised(validation):
        return None
    numbers = [(float(side.mean()), float(side.std(correction=0))) for side in (train, validation)]
    mean, deviation = numbers[1] if is_standardised(train) else numbers[0]
    if abs(mean) < APART and 1 / APART < deviation < APART:
        return None
    return UnitsOfTargets(*numbers)


def is_standardised(values: Tensor) -> bool:
    """Whether mean 0 and deviation 1 are within the errors of as many values; the fourth moment gives the latter's."""
    centred = values - values.mean()
    variance = float(centred.square().mean())
    error_of_variance = float((centred.square() - variance).square().mean() / len(values)) ** 0.5
    error_of_mean = (variance / len(values)) ** 0.5
    return abs(float(values.mean())) <= ERRORS * error_of_mean and abs(variance - 1) <= ERRORS * error_of_variance


def _real_targets(batch: object) -> Tensor | None:
    values = single_values(split_batch(batch)[1], count_examples(batch))
    if values is None or len(values) < FEWEST or not bool(torch.isfinite(values).all()):
        return None
    return None if bool((values == values.round()).all()) else values
