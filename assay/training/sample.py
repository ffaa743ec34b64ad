"""What the monitors saw at one step of a training: plain values, so that a checkpoint can hold them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TrainingSample:
    """One sampled step.

    step: its number. gradient_norm: of all parameters as one vector, before gradients are edited.
    update_ratios: |change| / |weights| of each weight matrix.
    dead: share of each activation's units that were 0 for every one of the last `dead_examples` sampled examples.
    saturated: share of each activation's values near an end of its range.
    activations, gradients: shares of the values by size, in the bins of `assay.monitors.magnitudes`, of the outputs
    of layers with weights and of the weight matrices' gradients; of many layers, some evenly spaced ones.
    """

    step: int
    gradient_norm: float
    update_ratios: dict[str, float]
    dead: dict[str, float]
    dead_examples: int
    saturated: dict[str, float]
    activations: dict[str, list[float]]
    gradients: dict[str, list[float]]


@dataclass(frozen=True)
class SplitScore:
    """How good the finished network is on part of a split, as it is without augmentation.

    metric, value, low, high: with its 95 % interval over n examples. loss, loss_error: mean and its standard error.
    """

    metric: str
    value: float
    low: float
    high: float
    n: int
    loss: float
    loss_error: float
