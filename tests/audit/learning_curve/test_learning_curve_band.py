"""The band: noise by hand, coverage of known truths, and what cannot be predicted is refused."""

from __future__ import annotations

import numpy as np
import pytest

from assay.audit.learning_curve import Curve, log_spaced_sizes, predict_error
from assay.audit.learning_curve.noise import Noise, noise_of, resample_means

SIZES = log_spaced_sizes(16_000)
AT = np.array(SIZES, dtype=float)


def simulate(truth: np.ndarray, drawn: np.random.Generator, seeds: int = 3) -> Curve:
    """Seeds that move their whole curve by 2 % and each point by 2 %."""
    level, point = drawn.standard_normal((1, seeds)), drawn.standard_normal((len(truth), seeds))
    return Curve(SIZES, truth[:, None] * (1 + 0.02 * level + 0.02 * point))


def test_noise_by_hand() -> None:
    # Relative errors: seed 0 is .1 above everywhere, seed 2 .1 below, and no point strays.
    errors = np.outer([4.0, 2.0, 1.0], [1.1, 1.0, 0.9])
    noise = noise_of(errors)
    assert noise.level == pytest.approx((0.01 + 0.01) / 2 / 3)
    assert noise.point == pytest.approx(0.0)
    assert (noise.level_freedom, noise.point_freedom) == (2, 4)
    # Points that stray against each other: +-.1 in two sizes and two seeds, freedom 1.
    assert noise_of(np.array([[1.1, 0.9], [0.9, 1.1]])).point == pytest.approx(4 * 0.01 / 1 / 2)


def test_resampled_means_scatter_as_the_noise_says() -> None:
    noise = Noise(level=0.0004, level_freedom=1000, point=0.0001, point_freedom=1000)
    drawn = resample_means(np.array([0.4, 0.2, 0.1, 0.05]), noise, 4000, np.random.default_rng(0))
    relative = drawn / np.array([0.4, 0.2, 0.1, 0.05]) - 1
    assert relative.mean(1).var() == pytest.approx(0.0004, rel=0.1)
    # Around their common shift 4 points have 3 / 4 of the variance of one.
    assert (relative - relative.mean(1, keepdims=True)).var() == pytest.approx(0.0001 * 3 / 4, rel=0.1)


@pytest.mark.parametrize(
    "truth", [lambda n: 2.0 * n**-0.45 + 0.06, lambda n: 0.3 * np.exp(-n / 4000.0) + 0.1], ids=["power-3", "exp-3"]
)
def test_the_band_holds_a_known_truth_as_often_as_it_says(truth) -> None:
    drawn, trials, held = np.random.default_rng(402), 24, 0
    print("seed 402")
    for trial in range(trials):
        band = predict_error(simulate(truth(AT), drawn), 32_000, resamples=50, seed=trial)
        held += band.low <= truth(32_000.0) <= band.high
    # .95 asked; over the laws it is a little more. Of 24, fewer than 19 has a chance of 1 in 1500 at .95.
    assert held >= 19


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "truth"),
    [
        ("power-2", lambda n: 1.2 * n**-0.28),
        ("power-3", lambda n: 2.0 * n**-0.45 + 0.06),
        ("power-4", lambda n: 8.0 * (n + 900.0) ** -0.6 + 0.04),
        ("exp-3", lambda n: 0.3 * np.exp(-n / 4000.0) + 0.1),
    ],
)
def test_the_coverage_of_every_law_and_how_often_the_true_one_is_kept(name: str, truth) -> None:
    drawn, trials, held, kept = np.random.default_rng(403), 120, 0, 0
    print("seed 403")
    for trial in range(trials):
        band = predict_error(simulate(truth(AT), drawn), 32_000, resamples=200, seed=trial)
        held += band.low <= truth(32_000.0) <= band.high
        kept += name in band.kept
    print(name, "held", held, "kept", kept, "of", trials)
    # Nominal .95 less 4 standard errors of 120 trials, .08; the true law is rejected once in a hundred.
    assert held / trials >= 0.87
    assert kept / trials >= 0.95


def test_the_band_narrows_with_seeds_and_widens_with_distance() -> None:
    truth, drawn = 2.0 * AT**-0.45 + 0.06, np.random.default_rng(404)
    print("seed 404")
    few, many = simulate(truth, drawn, seeds=3), simulate(truth, drawn, seeds=30)
    near, far = predict_error(many, 32_000), predict_error(many, 160_000)
    assert near.high - near.low < far.high - far.low
    assert near.high - near.low < (lambda band: band.high - band.low)(predict_error(few, 32_000))
    assert near.low < near.middle < near.high
    assert (near.measured, near.now) == (16_000, pytest.approx(many.errors[-1].mean()))


def test_laws_that_do_not_fit_are_left_out_and_a_curve_without_noise_has_a_narrow_band() -> None:
    errors = np.repeat((2.0 * AT**-0.45 + 0.06)[:, None], 3, axis=1)
    band = predict_error(Curve(SIZES, errors), 32_000)
    assert "power-3" in band.kept
    assert not {"power-2", "exp-3"} & set(band.kept)
    assert band.high - band.low < 0.002
    assert set(band.by_law) == {"power-2", "power-3", "power-4", "exp-3"}


def test_where_no_law_fits_the_band_is_wide_not_empty() -> None:
    bent = np.array([0.5, 0.3, 0.29, 0.28, 0.2, 0.19, 0.12, 0.1])
    band = predict_error(Curve(SIZES, np.repeat(bent[:, None], 3, axis=1)), 32_000)
    assert band.kept
    assert band.high - band.low > 0.01


def test_the_same_seed_gives_the_same_band() -> None:
    curve = simulate(1.2 * AT**-0.28, np.random.default_rng(405))
    assert predict_error(curve, 32_000, seed=1) == predict_error(curve, 32_000, seed=1)
    assert predict_error(curve, 32_000, seed=1) != predict_error(curve, 32_000, seed=2)


@pytest.mark.parametrize(
    ("sizes", "errors", "message"),
    [
        (SIZES[:4], np.ones((4, 3)), "sizes must be at least 5, got 4: a law of 4 parameters"),
        ((1, 2, 3, 3, 50), np.ones((5, 3)), "sizes must be positive and rise"),
        ((100, 120, 140, 160, 180), np.ones((5, 3)), "sizes must span a factor of 4 or more, got 100 to 180"),
        (SIZES, np.ones((5, 3)), "errors must have a row for each of 8 sizes, got 5 rows"),
        (SIZES, np.ones((8, 2)), r"errors must have at least 3 seeds \(columns\), got 2"),
        (SIZES, np.full((8, 3), np.nan), "errors must be finite and at least 0, got nan at size 500, seed 0"),
    ],
)
def test_curves_that_say_too_little_are_refused(sizes: tuple, errors: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Curve(sizes, errors)


def test_requests_that_cannot_be_met_are_refused() -> None:
    curve = simulate(1.2 * AT**-0.28, np.random.default_rng(406))
    with pytest.raises(ValueError, match=r"size must be in 1..160000 \(10 times the largest measured\), got 200000"):
        predict_error(curve, 200_000)
    with pytest.raises(ValueError, match=r"confidence must be in \(0, 1\), got 1.0"):
        predict_error(curve, 32_000, confidence=1.0)
    with pytest.raises(ValueError, match="resamples must be at least 50, got 10"):
        predict_error(curve, 32_000, resamples=10)
    with pytest.raises(ValueError, match="errors must be above 0 on average, got 0 at size 16000"):
        predict_error(Curve(SIZES, np.concatenate([curve.errors[:-1], np.zeros((1, 3))])), 32_000)
