"""Two studies are told apart by what they were asked; what a study or a search came to is told in a few words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from assay.run_comparison.details import Details
from assay.run_comparison.past_run import PastRun
from assay.run_comparison.study_outcome import MeasuredEffect, count_verdicts, effects_of, outcome_of
from assay.run_comparison.why import why

STUDY = {"tricks": ["EMA", "Mixup"], "design": "add-one", "seeds": 3, "metric": None, "epochs": 1.0, "per_class": False}
SEARCH = {"search": "random", "over": ["learning_rate=auto"], "trials": None, "metric": None}
RUN = PastRun("a", Path("a"), "ablate", "digits", 0, "done", 5.0, 300.0, datetime(2026, 1, 1, tzinfo=UTC))


def asked(study: dict[str, Any], kind: str = "ablate", **more: Any) -> Details:
    return Details(replace(RUN, kind=kind, request={"study": study}), "f1", {"epochs": 1.0}, {"torch": "2"}, **more)


def summaries(first: Details, second: Details) -> dict[str, str]:
    return {finding.id: finding.summary for finding in why(first, second).findings}


@pytest.mark.parametrize(("kind", "study", "changed", "told"), [
    ("ablate", STUDY, {"design": "stacked"}, "1 place: design add-one against stacked."),
    ("ablate", STUDY, {"metric": "f1", "seeds": 5}, "2 places: seeds 3 against 5; metric as usual against f1."),
    ("ablate", STUDY, {"tricks": ["EMA", "Cutout"]}, "2 places: Mixup only in the first; Cutout only in the second."),
    ("ablate", STUDY, {"tricks": ["Mixup", "EMA"]}, "1 place: order of tricks EMA | Mixup against Mixup | EMA."),
    ("ablate", STUDY, {"per_class": True, "epochs": 2.0}, "2 places: epochs 1 against 2; per class no against yes."),
    ("tune", SEARCH, {"search": "tpe", "over": ["batch_size=32,64"]},
     "3 places: search random against tpe; learning_rate=auto only in the first; batch_size=32,64 only in the second."),
])  # fmt: skip
def test_each_option_that_differs_is_told(kind: str, study: dict[str, Any], changed: dict[str, Any], told: str) -> None:
    """They were called equal."""
    found = summaries(asked(study, kind), asked({**study, **changed}, kind))
    assert found == {"differs_in_question": f"They were asked differently in {told}"}
    assert "nothing_differs" in summaries(asked(study, kind), asked(dict(study), kind))


def test_epochs_that_were_asked_are_told_once() -> None:
    first, second = asked(STUDY), asked({**STUDY, "epochs": 2.0})
    assert list(summaries(first, replace(second, recipe={"epochs": 2.0}))) == ["differs_in_question"]
    assert list(summaries(first, replace(first, recipe={"epochs": 2.0}))) == ["differs_in_length"]


def test_a_study_and_a_search_are_two_questions() -> None:
    found = summaries(asked(STUDY), asked(SEARCH, "tune"))
    assert found["differs_in_question"] == "They were asked differently in 1 place: what was asked ablate against tune."


def effect(trick: str, verdict: str, metric: str = "accuracy") -> MeasuredEffect:
    return MeasuredEffect(trick, metric, 0.012, 0.002, 0.022, 5, verdict)


def test_what_both_measured_stands_side_by_side() -> None:
    first = asked(STUDY, effects=(effect("EMA()", "helps"), effect("Mixup()", "helps")))
    second = asked(STUDY, effects=(effect("EMA()", "no measurable effect", "f1"), effect("Mixup()", "helps")))
    report = why(first, second)
    (found,) = (finding for finding in report.findings if finding.id == "measured_effects")
    assert found.summary == "Of 2 effects in both, EMA() got another verdict."
    table: Any = found.figures[0]
    assert table.rows[0] == ("EMA()", "+1.20 [+0.20, +2.20], n = 5, helps",
                             "+0.012 [+0.002, +0.022], n = 5, no measurable effect")  # fmt: skip
    assert "each got the same verdict" in summaries(first, first)["measured_effects"]
    assert "measured_effects" not in summaries(first, asked(STUDY, effects=(effect("Cutout()", "helps"),)))


def test_effects_have_the_metric_of_their_study() -> None:
    row = {"trick": "EMA()", "effect": 0.1, "low": 0.0, "high": 0.2, "n": 5, "verdict": "helps"}
    report = {"findings": [{"id": "trick_effects", "evidence": {"metric": "r2"}}]}
    (usual,) = effects_of({"tricks": [row], "report": report})
    (own,) = effects_of({"tricks": [{**row, "metric": "f1"}], "report": report})
    assert (usual.metric, own.metric) == ("r2", "f1")
    assert effects_of({}) == ()


@pytest.mark.parametrize(("verdicts", "told"), [
    (["helps", "hurts", "no measurable effect (would have seen ...)"], "1 of 3 helps, 1 hurts"),
    (["helps"] * 2 + ["no measurable effect"], "2 of 3 help"), (["hurts"] * 2, "none of 2 helps, 2 hurt"),
])  # fmt: skip
def test_verdicts_are_counted(verdicts: list[str], told: str) -> None:
    assert count_verdicts(verdicts) == told


def test_a_summary_tells_what_its_stage_came_to() -> None:
    study = {"stages": {"ablate": {}}, "tricks": [{"verdict": "helps"}]}
    assert outcome_of({**study, "stages": {"ablate": {"status": "done"}}}, "ablate") == "1 of 1 helps"
    assert outcome_of(study, "tune") == outcome_of({}, "ablate") == ""
    evidence = {"metric": "accuracy", "after": 0.98, "gain": 0.012, "low": 0.002, "high": 0.022}
    search = {"stages": {"tune": {"findings": [{"id": "tuned", "evidence": evidence}]}}, "tricks": []}
    assert outcome_of(search, "tune") == "accuracy 98.0 %, +1.20 [+0.20, +2.20] by tuning"
