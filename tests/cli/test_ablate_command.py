"""`assay ablate SOURCE --tricks ... --design ...`: a study from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_support import Assay

pytestmark = pytest.mark.usefixtures("animals")
SHORT = ("--epochs", "1", "--seeds", "3", "--budget", "60s")


def test_a_study_leaves_its_tables_report_and_summary_and_is_found_again(assay: Assay) -> None:
    words = ("ablate", "animals", "--tricks", "EMA", "--tricks", "LabelSmoothing(0.2)", *SHORT, "--out", "out")
    told = assay(*words)
    assert told.code == 0
    assert "Of 2 effects" in told.out
    summary = json.loads(Path("out/summary.json").read_text())
    assert [row["trick"] for row in summary["tricks"]] == ["EMA()", "LabelSmoothing(smoothing=0.2)"]
    assert all({"effect", "interval", "n", "verdict"} <= row.keys() for row in summary["tricks"])
    assert {"effects.md", "effects.tex", "report.html"} <= {path.name for path in Path("out").iterdir()}
    before = Path("out/effects.md").read_text()
    assert assay(*words).code == 0
    assert Path("out/effects.md").read_text() == before


def test_another_design_on_the_same_trainings(assay: Assay) -> None:
    told = assay("ablate", "animals", "--tricks", "EMA", "--tricks", "LabelSmoothing", "--design", "pairs", *SHORT)
    assert told.code == 0
    assert "Of 1 pairs" in told.out


def test_a_trick_takes_the_place_of_the_baselines_own(assay: Assay) -> None:
    told = assay("ablate", "animals", "--tricks", "Cosine", *SHORT)
    assert (told.code, "Of 1 effects" in told.out) == (0, True)


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("--tricks", "Mxup"), "there is no trick called 'Mxup'; did you mean mixup?"),
        (("--tricks", "Mixup(beta=1)"), "Mixup(beta=1): Mixup has no argument 'beta'; known are"),
        (("--design", "stacke"), "(did you mean 'stacked'?)"),
        (("--seeds", "1"), "--seeds must be at least 2 to tell an effect from luck, got 1"),
        (("--epochs", "0"), "--epochs must be above 0, got 0"),
        (("--tricks", "EMA", "--tricks", "EMA"), "is named twice; name it once"),
        (
            ("--tricks", "Cosine", "--tricks", "LinearDecay", "--design", "stacked", *SHORT),
            "design stacked stacks LinearDecay() on Cosine()",
        ),
    ],
)
def test_wrong_words_are_refused_before_any_training(assay: Assay, words: tuple[str, ...], error: str) -> None:
    told = assay("ablate", "animals", *words)
    assert told.code == 2
    assert error in told.err
    assert "Traceback" not in told.err
