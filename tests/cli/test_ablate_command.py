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
    assert "Of 1 pair," in told.out


def test_with_all_seeds_nothing_stops_early(assay: Assay) -> None:
    words = ("ablate", "animals", "--tricks", "EMA", "--tricks", "LabelSmoothing", "--epochs", "1", "--seeds", "5",
             "--budget", "60s", "--out")  # fmt: skip

    def seeds(folder: str, *more: str) -> list[int]:
        assert assay(*words, folder, *more).code == 0
        return [row["n"] for row in json.loads(Path(folder, "summary.json").read_text())["tricks"]]

    assert min(seeds("early")) == 3, "else nothing shows"
    assert seeds("all", "--all-seeds") == [5, 5]


def test_a_trick_takes_the_place_of_the_baselines_own(assay: Assay) -> None:
    told = assay("ablate", "animals", "--tricks", "Cosine", *SHORT)
    assert (told.code, "Of 1 effect," in told.out) == (0, True)


def test_another_metric_of_each_class_in_a_stepwise_study(assay: Assay) -> None:
    told = assay("ablate", "animals", "--tricks", "EMA", "--tricks", "LabelSmoothing", "--design", "stepwise",
                 "--metric", "loss", "--interval", "bootstrap", *SHORT, "--out", "out")  # fmt: skip
    assert told.code == 0
    assert "Less is better." in " ".join(told.out.split())
    text = Path("out/effects.md").read_text()
    assert "The effect of a trick on validation loss" in text
    assert "Intervals are by the bootstrap over seeds and examples" in text
    rows = json.loads(Path("out/summary.json").read_text())["tricks"]
    assert {row["metric"] for row in rows} == {"loss"}
    by_class = assay("ablate", "animals", "--tricks", "EMA", "--metric", "f1", "--per-class", *SHORT, "--strict")
    assert by_class.code == 0, "nothing is proved by a study"
    assert "effects of a trick on macro F1 of one class" in " ".join(by_class.out.split())


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("--tricks", "Mxup"), "there is no trick called 'Mxup'; did you mean mixup?"),
        (("--tricks", "Mixup(beta=1)"), "Mixup(beta=1): Mixup has no argument 'beta'; known are"),
        (("--design", "stacke"), "(did you mean 'stacked'?)"),
        (("--seeds", "1"), "--seeds must be at least 2 to tell an effect from luck, got 1"),
        (("--epochs", "0"), "--epochs must be above 0 and finite, got 0"),
        (("--epochs", "inf"), "--epochs must be above 0 and finite, got inf"),
        (("--epochs", "1e-9"), "--epochs 1e-09 is less than one step: an epoch of"),
        (("--metric", "recal"), "(did you mean 'recall'?)"),
        (("--metric", "r2"), "metric r2 is for regression, and this data is for classification; take one of accuracy"),
        (("--interval", "bayes"), "--interval must be one of t, bootstrap, got 'bayes'"),
        (("--equal", "steps"), "--equal must be one of epochs, seconds, got 'steps'"),
        (("--fidelity", "2"), "--fidelity must be between 0 and 1, a share of the epochs, got 2; try 0.25"),
        (("--tricks", "EMA", "--epochs", "90000", "--budget", "10s"), "give at least --budget"),
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
