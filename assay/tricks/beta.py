"""Draws from Dirichlet and Beta distributions with an explicit generator, which torch.distributions cannot take."""

from __future__ import annotations

import math

import torch
from jaxtyping import Float64
from torch import Tensor

SMALLEST_ALPHA = 0.01
"""Below it Gamma draws underflow together, and their shares would be equal where they must be all or nothing."""


def require_alpha(alpha: float, *, usual: str, name: str = "alpha") -> None:
    """Refuse what is neither 0, which is off, nor large enough to draw from.

    Raises:
        ValueError: alpha is negative, between 0 and 0.01, infinite, or not a number.
    """
    if alpha != 0.0 and not SMALLEST_ALPHA <= alpha < math.inf:
        raise ValueError(f"{name} must be 0 or finite and at least {SMALLEST_ALPHA}, got {alpha}; {usual}")


def draw_dirichlet(batch: int, size: int, alpha: float, generator: torch.Generator) -> Float64[Tensor, "batch size"]:
    """One draw from Dirichlet(alpha, ..., alpha) for each row: Gamma(alpha, 1) draws over their sum.

    Source: Devroye 1986, "Non-Uniform Random Variate Generation", section XI.4.
    """
    concentration = torch.full((batch, size), alpha, dtype=torch.float64)
    gammas = torch._standard_gamma(concentration, generator=generator)  # pyright: ignore[reportPrivateUsage]
    return gammas / gammas.sum(1, keepdim=True)


def draw_beta(alpha: float, generator: torch.Generator) -> float:
    """One draw from Beta(alpha, alpha): the first share of a Dirichlet of two."""
    return float(draw_dirichlet(1, 2, alpha, generator)[0, 0])
