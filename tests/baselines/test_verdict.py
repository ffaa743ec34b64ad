import pytest

from assay.baselines.baseline import Baseline
from assay.baselines.verdict import hold_against_baselines

BASELINES = (
    Baseline("majority class", "accuracy", 0.1, 0.08, 0.12, 300, 0.0),
    Baseline("nearest neighbours", "accuracy", 0.8, 0.75, 0.85, 300, 0.1),
)


@pytest.mark.parametrize(
    ("value", "level", "ending"),
    [
        (0.83, "note", "nearest neighbours."),
        (0.81, "note", "cannot be told apart."),
        (0.79, "note", "cannot be told apart."),
        (0.76, "note", "cannot be told apart."),
        (0.74, "suspect", "do not ship it."),
    ],
)
def test_a_model_is_held_against_the_best_baseline(value: float, level: str, ending: str) -> None:
    finding = hold_against_baselines("accuracy", value, value - 0.02, value + 0.02, BASELINES)
    assert finding.level == level
    assert "accuracy 0.8000 [0.7500, 0.8500] (n=300), nearest neighbours" in finding.summary
    assert finding.summary.endswith(ending)
    assert bool(finding.fix and finding.cause) == (level == "suspect")
