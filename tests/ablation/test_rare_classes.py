"""What is told where a mean over classes hangs on a few examples: how many there are, and what was simulated."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from assay.ablation.judge import Judge
from assay.ablation.metrics.catalog import METRICS
from assay.ablation.rare_classes import HELD, tell_rare_classes
from assay.ablation.sequential import Looks
from assay.ablation.studied import Study

RECORDED = Path(__file__).parents[2] / "benchmarks" / "results" / "metrics_rare_classes.json"


def told(metric: str, *sizes: int) -> str:
    targets = np.repeat(np.arange(len(sizes)), sizes)
    found = tell_rare_classes(Study("add-one", "", (), Looks(), 0, 0, judge=Judge(METRICS[metric], targets)))
    return found.summary if found else ""


@pytest.mark.parametrize(
    ("metric", "sizes", "words"),
    [
        ("recall", (50, 50, 2), "1 class has fewer than 10 validation examples, the smallest 2, and counts as much as "
                                "any in macro recall. Where classes had 2, 95 % intervals held the truth in 89 to 93"),
        ("recall", (50, 4, 9), "2 classes have fewer than 10 validation examples, the smallest 4, and count as much"),
        ("recall", (50, 4, 9), "Where classes had 3, 95 % intervals held the truth in 93 to 97 % of drawn studies."),
        ("recall", (50, 7), "Where classes had 5, 95 % intervals held the truth in 95 to 97 %"),
        ("f1", (50, 2), "95 % intervals held the truth in 96 to 97 %"),
        ("f1", (50, 1), "Intervals may be too narrow."),
    ],
)  # fmt: skip
def test_the_number_is_that_of_classes_as_small(metric: str, sizes: tuple[int, ...], words: str) -> None:
    assert words in told(metric, *sizes)


def test_nothing_is_told_of_frequent_classes_or_of_metrics_that_count_examples() -> None:
    assert told("recall", 50, 10) == told("accuracy", 50, 2) == told("loss", 50, 2) == ""


@pytest.mark.skipif(not RECORDED.exists(), reason="figures of benchmarks are not beside the tests")
def test_the_numbers_are_those_that_were_recorded() -> None:
    rows = json.loads(RECORDED.read_text())["figures"]["rows"]
    for metric, by_size in HELD.items():
        for size, held in by_size.items():
            shares = [row["coverage"] for row in rows if row["metric"] == metric and row["sizes"][-1] == size]
            assert len(shares) == 6
            assert (round(100 * min(shares)), round(100 * max(shares))) == held
