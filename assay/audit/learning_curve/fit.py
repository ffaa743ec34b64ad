"""Weighted least squares of a law: shapes are searched on a grid, scale and floor follow in closed form.

    minimise  sum_i weight_i * (error_i - scale * basis(n_i, shape) - floor)^2,     scale >= 0, floor >= 0

A general optimiser stops in local minima of this problem. Here the whole range of the one or two shapes is tried,
then three times a finer grid around the best, for hundreds of resampled curves at once.

Source: Golub and Pereyra 1973, SIAM Journal on Numerical Analysis 10, 413-432 (variable projection).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from assay.audit.learning_curve.laws import Law

ZOOMS, ZOOM_POINTS = 3, 7
TINY = np.finfo(float).tiny


@dataclass(frozen=True, eq=False)
class Fit:
    """One law through many curves: a scale, a floor and a shape for each, and the weighted squares left over."""

    law: Law
    shape: Float[np.ndarray, "curves k"]
    scale: Float[np.ndarray, " curves"]
    floor: Float[np.ndarray, " curves"]
    residual: Float[np.ndarray, " curves"]

    def at(self, size: float) -> Float[np.ndarray, " curves"]:
        """The error of each curve at `size` examples."""
        return self.scale * self.law.basis(np.array([float(size)]), self.shape)[:, 0] + self.floor


def fit_law(
    law: Law, sizes: Float[np.ndarray, " n"], errors: Float[np.ndarray, "curves n"], weights: Float[np.ndarray, " n"]
) -> Fit:
    """The best scale, floor and shape for each row of errors."""
    axes = law.axes(sizes)
    places = _mesh([np.arange(len(axis), dtype=float) for axis in axes])[None]
    reach, steps = 1.0, _mesh([np.linspace(-1.0, 1.0, ZOOM_POINTS)] * len(axes))
    best = _best_of(law, sizes, errors, weights, axes, places)
    for _ in range(ZOOMS):
        places = np.clip(best[0][:, None] + reach * steps, 0.0, [len(axis) - 1.0 for axis in axes])
        best = _best_of(law, sizes, errors, weights, axes, places)
        reach /= ZOOM_POINTS // 2
    place, scale, floor, residual = best
    return Fit(law, _shapes_at(axes, place), scale, floor, residual)


def _best_of(
    law: Law,
    sizes: np.ndarray,
    errors: np.ndarray,
    weights: np.ndarray,
    axes: tuple[np.ndarray, ...],
    places: Float[np.ndarray, "#curves shapes k"],
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Of the places tried for each curve the best one, its scale, its floor and the squares left over."""
    basis = law.basis(sizes, _shapes_at(axes, places))
    solve = _with_floor if law.has_floor else _without_floor
    scale, floor, residual = solve(basis, errors, weights)
    rows, chosen = np.arange(len(errors)), residual.argmin(1)
    place = np.broadcast_to(places, (len(errors), *places.shape[1:]))[rows, chosen]
    return place, scale[rows, chosen], floor[rows, chosen], residual[rows, chosen]


def _without_floor(
    basis: Float[np.ndarray, "#curves shapes n"], errors: Float[np.ndarray, "curves n"], weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    product = _dot(basis, errors * weights)
    scale = product / np.maximum((basis * basis) @ weights, TINY)
    square = (errors * errors) @ weights
    return scale, np.zeros_like(scale), np.maximum(square[:, None] - scale * product, 0.0)


def _with_floor(
    basis: Float[np.ndarray, "#curves shapes n"], errors: Float[np.ndarray, "curves n"], weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The free optimum where it is allowed, else the better of its two edges: no floor, or the floor alone."""
    share = weights / weights.sum()
    centre, level = basis @ share, (errors @ share)[:, None]
    away, over = basis - centre[..., None], errors - level
    product = _dot(away, over * weights)
    scale = product / np.maximum((away * away) @ weights, TINY)
    flat = ((over * over) @ weights)[:, None]
    floor, residual = level - scale * centre, np.maximum(flat - scale * product, 0.0)
    allowed = (scale >= 0) & (floor >= 0)
    edge_scale, _, edge = _without_floor(basis, errors, weights)
    level_only = flat < edge
    return (
        np.where(allowed, scale, np.where(level_only, 0.0, edge_scale)),
        np.where(allowed, floor, np.where(level_only, level, 0.0)),
        np.where(allowed, residual, np.minimum(flat, edge)),
    )


def _dot(basis: Float[np.ndarray, "#curves shapes n"], rows: Float[np.ndarray, "curves n"]) -> np.ndarray:
    """The product of each curve's row with each shape's basis, (curves, shapes)."""
    return rows @ basis[0].T if len(basis) == 1 else (basis @ rows[:, :, None])[..., 0]


def _shapes_at(axes: tuple[np.ndarray, ...], places: Float[np.ndarray, "*curves k"]) -> Float[np.ndarray, "*curves k"]:
    """The values of each axis at whole or broken positions along it."""
    found = [np.interp(places[..., i], np.arange(len(axis)), axis) for i, axis in enumerate(axes)]
    return np.stack(found, axis=-1)


def _mesh(axes: list[np.ndarray]) -> Float[np.ndarray, "points k"]:
    return np.stack([part.ravel() for part in np.meshgrid(*axes, indexing="ij")], axis=-1)
