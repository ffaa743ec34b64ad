"""Draws from a Beta distribution with an explicit generator, which torch.distributions cannot take."""

from __future__ import annotations

import torch


def draw_beta(alpha: float, generator: torch.Generator) -> float:
    """One draw from Beta(alpha, alpha), as first / (first + second) of two Gamma(alpha, 1) draws.

    Source: Devroye 1986, "Non-Uniform Random Variate Generation", chapter IX.
    """
    concentration = torch.full((2,), alpha, dtype=torch.float64)
    first, second = torch._standard_gamma(concentration, generator=generator).tolist()  # pyright: ignore
    return first / (first + second)
