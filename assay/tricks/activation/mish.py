"""Mish: smooth, unbounded above, and slightly negative below 0, so that off units keep a gradient.

    outputs = inputs * tanh(ln(1 + e ^ inputs));  least -0.30884, at inputs = -1.1924

Source: Misra 2019 (arXiv:1908.08681).
Measured: ImageNet CSPResNeXt-50 77.9 (leaky) -> 78.9 top-1, with CutMix, mosaic and label smoothing 78.5 -> 79.8;
CIFAR-10 SqueezeNet, 23 runs: Mish 87.48, Swish 87.32 (p = 0.197), ReLU 86.66 (p < 1e-4) (all Mish's README).
Hurts: PeleeNet, where Swish wins, 71.5 against 71.4 (Mish's README); time, against ReLU.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn

from assay.recipe import Recipe
from assay.tricks.activation_swap import swap_activations


@dataclass(frozen=True)
class Mish:
    """Replace every activation by `torch.nn.Mish`."""

    def __call__(self, recipe: Recipe) -> Recipe:
        return swap_activations(recipe, self, nn.Mish)
