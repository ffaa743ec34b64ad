"""What a repaired training tells beside the own one."""

from __future__ import annotations

from assay.checks.experiments.repaired_training import Contrast


def test_both_trainings_are_told_as_one_sentence():
    found = Contrast(20, own=(-0.3, 0.004, 0.0), repaired=(0.96, 0.95, 1.0), way="from here to there")
    assert found.told("by the mean") == (
        "in 20 updates your own training makes at most 0% of the way from here to there, and at least 95% by the mean "
        "(3 seeds each)"
    )
