"""Intervals: hand-worked limits, an independent implementation, and coverage of a known truth."""

import math
import random

import pytest
import torch
from scipy.stats import binomtest

from assay.intervals import bootstrap_interval, wilson_interval


def test_wilson_eight_of_ten_by_hand() -> None:
    # z = 1.96: centre (.8 + .19208) / 1.38416, half 1.96 sqrt(.016 + .009604) / 1.38416.
    low, high = wilson_interval(8, 10)
    assert low == pytest.approx(0.49016, abs=2e-5)
    assert high == pytest.approx(0.94331, abs=2e-5)


@pytest.mark.parametrize(("successes", "n"), [(0, 7), (7, 7), (1, 3), (940, 1000), (54, 10_000)])
@pytest.mark.parametrize("confidence", [0.5, 0.95, 0.99])
def test_wilson_agrees_with_scipy(successes: int, n: int, confidence: float) -> None:
    expected = binomtest(successes, n).proportion_ci(confidence_level=confidence, method="wilson")
    assert wilson_interval(successes, n, confidence) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_wilson_ends_are_exact_and_not_empty() -> None:
    low, high = wilson_interval(0, 20)
    assert low == 0.0
    assert 0.1 < high < 0.2
    assert wilson_interval(20, 20)[1] == 1.0


def test_wilson_covers_the_truth_at_its_stated_rate() -> None:
    seed = 20
    print("seed", seed)
    drawn = random.Random(seed)
    trials, n, truth = 2000, 100, 0.9
    held = 0
    for _ in range(trials):
        low, high = wilson_interval(sum(drawn.random() < truth for _ in range(n)), n)
        held += low <= truth <= high
    # The exact coverage at n = 100, p = .9 is .936; 4 standard errors of 2000 trials are .022.
    assert held / trials == pytest.approx(0.936, abs=0.022)


def test_bootstrap_covers_the_mean_at_its_stated_rate() -> None:
    seed = 21
    print("seed", seed)
    generator = torch.Generator().manual_seed(seed)
    held = 0
    for trial in range(300):
        sample = torch.randn(60, generator=generator)
        low, high = bootstrap_interval(sample, torch.mean, resamples=200, seed=trial)
        held += low <= 0.0 <= high
    # Nominal .95, slightly less at n = 60; 4 standard errors of 300 trials are .05.
    assert held / 300 == pytest.approx(0.94, abs=0.05)


def test_bootstrap_of_a_mean_has_the_width_of_theory() -> None:
    sample = torch.arange(400, dtype=torch.float64)
    low, high = bootstrap_interval(sample, torch.mean, resamples=4000)
    expected = 2 * 1.96 * sample.std(correction=0).item() / math.sqrt(400)
    assert high - low == pytest.approx(expected, rel=0.06)  # noise of 4000 resamples
    assert low < sample.mean().item() < high


def test_bootstrap_keeps_pairs_together() -> None:
    pairs = torch.arange(50.0).repeat(2, 1).T
    low, high = bootstrap_interval(pairs, lambda rows: (rows[:, 0] - rows[:, 1]).abs().max())
    assert (low, high) == (0.0, 0.0)


def test_bootstrap_repeats_with_its_seed_and_leaves_global_state() -> None:
    sample = torch.linspace(0, 1, 30)
    state = torch.get_rng_state()
    first = bootstrap_interval(sample, torch.mean, seed=3)
    assert torch.equal(torch.get_rng_state(), state)
    assert first == bootstrap_interval(sample, torch.mean, seed=3)
    assert first != bootstrap_interval(sample, torch.mean, seed=4)


def test_bootstrap_leaves_out_undefined_resamples() -> None:
    sample = torch.tensor([0.0, 1.0])  # half of its resamples are constant: 0 / 0
    low, high = bootstrap_interval(sample, lambda a: a.var(correction=0) / a.var(correction=0), resamples=50)
    assert (low, high) == (1.0, 1.0)


def test_refusals() -> None:
    with pytest.raises(ValueError, match="0 <= successes <= n, got successes=11, n=10"):
        wilson_interval(11, 10)
    with pytest.raises(ValueError, match="n >= 1"):
        wilson_interval(0, 0)
    with pytest.raises(ValueError, match=r"confidence must be in \(0, 1\), got 95.0"):
        wilson_interval(1, 2, confidence=95.0)
    with pytest.raises(ValueError, match="got n=0, resamples=1000"):
        bootstrap_interval(torch.zeros(0), torch.mean)
    with pytest.raises(ValueError, match="got n=2, resamples=0"):
        bootstrap_interval(torch.zeros(2), torch.mean, resamples=0)
    with pytest.raises(ValueError, match=r"confidence must be in \(0, 1\), got 1.0"):
        bootstrap_interval(torch.zeros(2), torch.mean, confidence=1.0)
