"""The learning curve as a figure: what was measured, the laws through it, and the band ahead of it."""

from __future__ import annotations

import numpy as np

from assay.audit.learning_curve.curve import Curve
from assay.audit.learning_curve.fit import fit_law
from assay.audit.learning_curve.laws import LAWS
from assay.audit.learning_curve.prediction import band_of, sample_predictions
from assay.figure import Lines, Series

GRID = 40


def draw_curve(curve: Curve, farthest: int, *, kept: tuple[str, ...], confidence: float, label: str, unit: float = 1.0,
               seed: int = 0) -> Lines:  # fmt: skip
    """Error against training examples, both logarithmic: a power law without floor is straight.

    Args:
        farthest: where the band ends, above the largest measured size.
        kept: laws to draw.
        unit: what errors are multiplied by; 100 for per cent.
    """
    grid = tuple(np.geomspace(curve.sizes[0], farthest, GRID).round().astype(int).tolist())
    ahead = (curve.largest, *(size for size in grid if size > curve.largest))
    _, draws = sample_predictions(curve, ahead, seed=seed)
    bands = [band_of(rows, confidence) for rows in np.concatenate(list(draws.values())).T]
    at, means = np.array(curve.sizes, dtype=float), curve.means
    every = [(float(size), unit * float(error)) for size, row in zip(curve.sizes, curve.errors, strict=True)
             for error in row if error > 0]  # fmt: skip
    series = [
        Series("one seed", *_columns(every), "hollow points"),
        Series("mean", tuple(map(float, curve.sizes)), tuple((unit * means).tolist()), "points"),
        # One closed line: along its lower edge and back along the upper one.
        Series(f"band, {confidence:.0%}", (*map(float, ahead), *map(float, reversed(ahead))),
               (*(unit * low for low, _, _ in bands), *(unit * high for _, _, high in reversed(bands)))),
    ]  # fmt: skip
    for law in (law for law in LAWS if law.name in kept):
        fit = fit_law(law, at, means[None], 1.0 / means**2)
        fitted = tuple(unit * float(fit.at(size)[0]) for size in grid)
        series.append(Series(law.name, tuple(map(float, grid)), fitted, "faint line"))
    return Lines("Error against training examples", "training examples", label, tuple(series), log_x=True, log_y=True)


def _columns(pairs: list[tuple[float, float]]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    return tuple(x for x, _ in pairs), tuple(y for _, y in pairs)
