"""Sizes, laws and fits: by hand, against scipy, and the optimum of the constrained problem."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import curve_fit, nnls

from assay.audit.learning_curve.fit import fit_law
from assay.audit.learning_curve.laws import LAWS, Law
from assay.audit.learning_curve.sizes import log_spaced_sizes

SIZES = np.array(log_spaced_sizes(16_000), dtype=float)
TRUTHS = {
    "power-2": lambda n: 1.2 * n**-0.28,
    "power-3": lambda n: 2.0 * n**-0.45 + 0.06,
    "power-4": lambda n: 8.0 * (n + 900.0) ** -0.6 + 0.04,
    "exp-3": lambda n: 0.3 * np.exp(-n / 4000.0) + 0.1,
}


def test_sizes_by_hand() -> None:
    assert log_spaced_sizes(1600, smallest=100, count=5) == (100, 200, 400, 800, 1600)
    usual = log_spaced_sizes(32_000)
    assert (usual[0], usual[-1], len(usual)) == (1000, 32_000, 8)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"largest": 1000, "count": 4}, "count must be at least 5 sizes, got 4"),
        ({"largest": 100, "smallest": 100}, r"smallest must be in 1..99, below the largest size, got 100"),
        ({"largest": 10, "smallest": 5, "count": 8}, "count must leave sizes apart, got 8 between 5 and 10"),
    ],
)
def test_sizes_that_cannot_be_are_refused(arguments: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        log_spaced_sizes(**arguments)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.name)
def test_each_law_finds_itself_again_without_noise(law: Law) -> None:
    truth = TRUTHS[law.name]
    errors = truth(SIZES)
    fit = fit_law(law, SIZES, errors[None], 1 / errors**2)
    assert np.sqrt(fit.residual[0] / len(SIZES)) < 1e-3
    # The grid of shapes has steps; at twice the data they are worth less than half a per cent.
    assert fit.at(32_000)[0] == pytest.approx(truth(32_000.0), rel=5e-3)


def test_the_fit_of_a_power_law_with_a_floor_is_that_of_scipy() -> None:
    seed = 400
    print("seed", seed)
    drawn = np.random.default_rng(seed)
    law = next(law for law in LAWS if law.name == "power-3")
    errors = TRUTHS["power-3"](SIZES) * (1 + 0.02 * drawn.standard_normal((20, len(SIZES))))
    weights = 1 / TRUTHS["power-3"](SIZES) ** 2
    ours = fit_law(law, SIZES, errors, weights)
    for row, found in zip(errors, ours.at(32_000), strict=True):
        best, _ = curve_fit(lambda n, a, b, c: a * n**-b + c, SIZES, row, p0=(2.0, 0.45, 0.06),
                            sigma=weights**-0.5, bounds=(0, (1e4, 5.0, 1.0)), max_nfev=5000)  # fmt: skip
        assert found == pytest.approx(best[0] * 32_000 ** -best[1] + best[2], rel=5e-3)


def test_scale_and_floor_are_the_best_that_are_not_negative() -> None:
    seed = 401
    print("seed", seed)
    drawn = np.random.default_rng(seed)
    law = Law("one shape", "a n^-.3 + c", 3, True, LAWS[1].basis, lambda sizes: (np.array([0.3]),))
    # Rising, flat and falling curves: every side of the constraint is met.
    errors = 0.2 + drawn.uniform(-1, 1, (30, 1)) * np.linspace(-0.15, 0.15, len(SIZES)) ** 3 / 0.15**2
    errors[:10] = 2.0 * SIZES**-0.9 * (1 + 0.01 * drawn.standard_normal((10, len(SIZES))))
    weights = drawn.uniform(0.5, 2.0, len(SIZES))
    fit = fit_law(law, SIZES, errors, weights)
    design = np.stack([SIZES**-0.3, np.ones_like(SIZES)], axis=1) * np.sqrt(weights)[:, None]
    for index, row in enumerate(errors):
        wanted, norm = nnls(design, row * np.sqrt(weights))
        assert (fit.scale[index], fit.floor[index]) == pytest.approx(tuple(wanted), abs=1e-9)
        assert fit.residual[index] == pytest.approx(norm**2, abs=1e-9)
