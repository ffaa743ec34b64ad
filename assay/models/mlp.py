"""Multi-layer perceptron: the baseline for vectors, and for images once flattened.

Source: Goodfellow et al. 2016, chapter 6.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from torch import nn


@dataclass(frozen=True)
class MLP:
    """Fully connected layers with ReLU.

    hidden: units of each hidden layer; dropout: share of each hidden layer's outputs set to 0.
    """

    hidden: tuple[int, ...] = (128, 64)
    dropout: float = 0.0

    def build(self, input_shape: tuple[int, ...], num_outputs: int) -> nn.Module:
        """A network from (batch, *input_shape) to (batch, num_outputs)."""
        layers: list[nn.Module] = [nn.Flatten()]
        width = math.prod(input_shape)
        for units in self.hidden:
            layers += [nn.Linear(width, units), nn.ReLU()]
            layers += [nn.Dropout(self.dropout)] if self.dropout else []
            width = units
        return nn.Sequential(*layers, nn.Linear(width, num_outputs))
