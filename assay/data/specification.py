"""The data specification: what a model must know about its inputs and targets, and takes with it.

It is fixed on the training split and saved beside the weights, so that new data is prepared for the
network exactly as training data was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

import torch
from jaxtyping import Float
from torch import Tensor

from assay.data.encoders import Encoder, TableEncoder, encoder_from_dict, encoder_to_dict

Task = Literal["classification", "regression"]


@dataclass(frozen=True)
class Normalization:
    """Mean and deviation per channel (images) or per column (vectors), in raw input units."""

    mean: tuple[float, ...]
    std: tuple[float, ...]

    def __call__(self, inputs: Tensor) -> Float[Tensor, "batch ..."]:
        """(inputs - mean) / std, as float32, along dimension 1."""
        shape = (1, -1) + (1,) * (inputs.dim() - 2)
        mean = torch.tensor(self.mean, dtype=torch.float32, device=inputs.device).view(shape)
        scale = 1.0 / torch.tensor(self.std, dtype=torch.float32, device=inputs.device).view(shape)
        return (
            inputs.to(torch.float32).sub_(mean).mul_(scale)
            if inputs.dtype != torch.float32
            else (inputs - mean) * scale
        )


@dataclass(frozen=True)
class Specification:
    """Everything between a raw file and the network's input, and between its output and an answer.

    input_shape: (channels, height, width) of an image, (channels, length) of a signal or (features,) of a vector.
    classes: class names in index order; empty for regression.
    target_mean, target_std: regression targets are standardised by these, predictions put back.
    class_frequencies: share of each class in the training split.
    """

    task: Task
    input_shape: tuple[int, ...]
    normalization: Normalization
    encoder: Encoder
    classes: tuple[str, ...] = ()
    class_frequencies: tuple[float, ...] = ()
    target_mean: float = 0.0
    target_std: float = 1.0

    @property
    def is_image(self) -> bool:
        return len(self.input_shape) == 3

    @property
    def is_signal(self) -> bool:
        """Whether values may lie in time along the last dimension.

        A vector of an array and an image of one row, (channels, 1, length), may be signals: only their owner knows.
        Columns of a table are none: they have no order.
        """
        if len(self.input_shape) == 3:
            return self.input_shape[1] == 1
        return len(self.input_shape) == 2 or not isinstance(self.encoder, TableEncoder)

    @property
    def num_outputs(self) -> int:
        """Width of the network's last layer: the number of classes, or 1 for regression."""
        return len(self.classes) if self.task == "classification" else 1

    @property
    def metric(self) -> str:
        """The number every stage compares by: `accuracy`, or `r2` for regression. Higher is better."""
        return "accuracy" if self.task == "classification" else "r2"

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values; `from_dict` reads them back to an equal specification."""
        return {**asdict(self), "encoder": encoder_to_dict(self.encoder)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Specification:
        tuples = {name: tuple(values[name]) for name in ("input_shape", "classes", "class_frequencies")}
        normalization = Normalization(**{name: tuple(v) for name, v in values["normalization"].items()})
        encoder = encoder_from_dict(values["encoder"])
        return cls(**{**values, **tuples, "normalization": normalization, "encoder": encoder})
