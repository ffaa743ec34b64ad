"""The laws a learning curve may follow, each linear in a scale and a floor once its shape is fixed.

    error(n) = scale * basis(n, shape) + floor        scale >= 0, floor >= 0

None is right for all learners: power laws with a floor fit most, exponential ones end too early, a power law
without a floor promises perfection. The spread between them is what nobody knows yet.

Source: Viering and Loog 2023, The Shape of Learning Curves, table 1 (arXiv:2103.10948); Mohr et al. 2022, LCDB 1.0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

Basis = Callable[[np.ndarray, np.ndarray], np.ndarray]
Axes = Callable[[np.ndarray], tuple[np.ndarray, ...]]


@dataclass(frozen=True)
class Law:
    """basis: (sizes,), (..., k) shapes -> (..., sizes). axes: measured sizes -> rising values to try of each of k."""

    name: str
    formula: str
    parameters: int
    has_floor: bool
    basis: Basis
    axes: Axes


def power(sizes: Float[np.ndarray, " n"], shapes: Float[np.ndarray, "*curves 1"]) -> Float[np.ndarray, "*curves n"]:
    """n^-exponent."""
    return sizes**-shapes


def shifted_power(
    sizes: Float[np.ndarray, " n"], shapes: Float[np.ndarray, "*curves 2"]
) -> Float[np.ndarray, "*curves n"]:
    """(n + shift)^-exponent."""
    return (sizes + shapes[..., 1:]) ** -shapes[..., :1]


def exponential(
    sizes: Float[np.ndarray, " n"], shapes: Float[np.ndarray, "*curves 1"]
) -> Float[np.ndarray, "*curves n"]:
    """exp(-n / scale of n)."""
    return np.exp(-sizes / shapes)


def exponents(sizes: Float[np.ndarray, " n"]) -> tuple[Float[np.ndarray, " values"]]:
    """From a curve that hardly falls to one that falls with the fifth power."""
    return (np.geomspace(0.005, 5.0, 120),)


def exponents_and_shifts(sizes: Float[np.ndarray, " n"]) -> tuple[np.ndarray, np.ndarray]:
    """Shifts from none to ten times the largest size: a curve that begins late."""
    return np.geomspace(0.01, 5.0, 40), np.concatenate([[0.0], np.geomspace(sizes[0] / 4, sizes[-1] * 10, 12)])


def decays(sizes: Float[np.ndarray, " n"]) -> tuple[Float[np.ndarray, " values"]]:
    """Scales of n from a quarter of the smallest size to a hundred times the largest."""
    return (np.geomspace(sizes[0] / 4, sizes[-1] * 100, 120),)


LAWS = (
    Law("power-2", "a n^-b", 2, False, power, exponents),
    Law("power-3", "a n^-b + c", 3, True, power, exponents),
    Law("power-4", "a (n + d)^-b + c", 4, True, shifted_power, exponents_and_shifts),
    Law("exp-3", "a exp(-b n) + c", 3, True, exponential, decays),
)
