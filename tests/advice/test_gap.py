"""The larger part of the error decides; what is within the intervals decides nothing."""

from dataclasses import replace

import numpy as np
import pytest
from simulated import score, simulate

from assay.advice.gap import judge
from assay.finding import Finding, Skipped
from assay.intervals import difference_interval, wilson_interval
from assay.training.sample import SplitScore

CURVES = simulate(0.5, seed=0, total=100)


def judged(training: SplitScore, validation: SplitScore) -> Finding | Skipped:
    return judge(replace(CURVES, scores={"training": training, "validation": validation}))


def accuracy(hits: int, n: int) -> SplitScore:
    return SplitScore("accuracy", hits / n, *wilson_interval(hits, n), n, 0.5, 0.01)


@pytest.mark.parametrize(("training", "validation", "fix"), [
    (0.99, 0.80, "Collect more examples"),
    (0.70, 0.69, "Take a larger network"),
    (0.70, 0.55, "Take a larger network"),
    (0.90, 0.80, ""),
    (1.00, 0.99, ""),
])  # fmt: skip
def test_the_larger_part_of_the_error_names_the_next_step(training: float, validation: float, fix: str):
    found = judged(score(training), score(validation))
    assert isinstance(found, Finding)
    assert found.fix.startswith(fix)
    assert bool(found.fix) == bool(fix)
    assert f"the gap is {training - validation:+.4f}" in found.summary
    assert "(n = 1000)" in found.summary


def test_regressions_are_judged_by_their_unexplained_share():
    low = SplitScore("r2", 0.99, 0.98, 0.995, 200, 0.1, 0.01)
    found = judged(low, SplitScore("r2", 0.6, 0.5, 0.7, 200, 0.4, 0.03))
    assert isinstance(found, Finding)
    assert "Collect more examples" in found.fix


def test_the_interval_of_the_gap_holds_the_truth(seed: int):
    """Two shares of 500, 500 times: 95 % is asked."""
    chance = np.random.default_rng(seed)
    held = 0
    for _ in range(500):
        low, high = difference_interval(
            accuracy(int(chance.binomial(500, 0.9)), 500), accuracy(int(chance.binomial(500, 0.8)), 500)
        )
        held += low <= 0.1 <= high
    assert 0.91 <= held / 500 <= 0.985


def test_networks_without_a_gap_are_seldom_told_that_there_is_one(seed: int):
    chance = np.random.default_rng(seed)
    found = [judged(*(accuracy(int(chance.binomial(300, 0.97)), 300) for _ in range(2))) for _ in range(200)]
    assert sum("Collect" in one.fix for one in found if isinstance(one, Finding)) <= 8


def test_without_scores_or_with_few_examples_nothing_is_said():
    found = judge(CURVES)
    assert isinstance(found, Skipped)
    assert "not evaluated on training examples" in found.reason
    few = judged(score(0.9, n=20), score(0.5, n=20))
    assert isinstance(few, Skipped)
    assert "20 examples, 50 needed" in few.reason
