"""Gradients: how large they are, parameter by parameter and together.

    norm = sqrt(sum g^2)    size = sqrt(mean g^2)

Source: Goodfellow et al. 2016, section 11.5 ("monitor histograms of activations and gradient").
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class Gradient:
    """The gradient of one parameter at one moment; NaN or infinity in it makes both figures so."""

    norm: float
    size: float


def measure_gradients(named: Iterable[tuple[str, nn.Parameter]]) -> dict[str, Gradient]:
    """The gradients that are there; a parameter without one is left out."""
    found = [(name, dense(parameter.grad)) for name, parameter in named if parameter.grad is not None]
    found = [(name, gradient) for name, gradient in found if gradient.numel()]
    if not found:
        return {}
    # One transfer from the device for all of them.
    norms = torch.stack([gradient.detach().norm(dtype=torch.float32).cpu() for _, gradient in found]).tolist()
    return {
        name: Gradient(norm, norm / math.sqrt(gradient.numel()))
        for (name, gradient), norm in zip(found, norms, strict=True)
    }


def total_norm(gradients: dict[str, Gradient]) -> float:
    """The norm of all gradients as one vector."""
    return math.sqrt(sum(gradient.norm**2 for gradient in gradients.values()))


def dense(gradient: Tensor) -> Tensor:
    """A sparse gradient's values: what is not stored is 0 and adds nothing to a norm."""
    return gradient.coalesce().values() if gradient.is_sparse else gradient
